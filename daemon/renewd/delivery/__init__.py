"""The way of a reminder from due to sent, as a row of stages.

    due        due.py, schedule.py        which reminders are due, asked of the plans whose answer can have changed
    dedup      dedup.py, already_sent.py  what the ledger does not hold as sent yet
    compose    compose.py, composer.py    the bytes of the next mails: one mail a person
    claim      claim.py                   the bytes and the keys of a mail in the ledger, before a socket is touched
    send       send.py                    the mails over a few connections
    settle     settle.py, ledger_writer.py    what became of each mail, and when to try again

`pipeline.deliver` runs the row once. It may run at any time and any number of times: the ledger alone decides what
was sent. Due and dedup handle all reminders at once and leave a `Batch` of tasks. The other stages take a few tasks
of the batch at a time, so that mails leave while the next ones are composed. An `Outbox` holds what lasts from pass
to pass.
"""
