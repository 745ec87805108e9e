"""Runs the worker, who carries out the jobs: `python -m detainer.exchange.working`, with its address in DETAINER_DATABASE."""

import os

from detainer.exchange import database


def main() -> None:
    """Carry out jobs until SIGTERM or SIGINT; those that run then have five seconds to end."""
    database.use(os.environ["DETAINER_DATABASE"])
    from procrastinate.contrib.django import app  # noqa: PLC0415  (after the set-up)

    with app.replace_connector(app.connector.get_worker_connector()):
        # It is told of new jobs; it looks by itself, too, lest a word was lost.
        app.run_worker(concurrency=4, fetch_job_polling_interval=1.0, shutdown_graceful_timeout=5.0, delete_jobs="successful")


if __name__ == "__main__":
    main()
