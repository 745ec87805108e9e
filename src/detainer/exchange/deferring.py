"""Defers jobs in Django's own transaction: a job is there exactly when what it is for is there, in the worker's process, too."""

from typing import Any

from django.db import OperationalError
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

# The app's own connector is the worker's in the worker, with a connection of its own: what it defers would be there before, or
# without, the transaction that it belongs to.
_jobs = JobManager(DjangoConnector())


def defer(task: str, *, lock: str, queue: str = "default", once: str | None = None, **arguments: Any) -> bool:
    """Defer a job and return True; no two with the same `lock` run at a time.

    With `once`, False where a job of that name waits already; then not inside a transaction, which that would break.
    Raises OperationalError when the database is gone.
    """
    job = Job(id=None, queue=queue, lock=lock, queueing_lock=once, task_name=task, task_kwargs=arguments)
    try:
        _jobs.defer_job(job)
    except AlreadyEnqueued:
        return False
    except ConnectorException as error:  # the queue's own name for a database that is gone
        raise OperationalError("the database was lost while a job was deferred") from error.__cause__
    return True
