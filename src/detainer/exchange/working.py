"""Runs the worker, who carries out the jobs: `python -m detainer.exchange.working`, with its address in DETAINER_DATABASE."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from detainer.exchange import database

OWN: Final = 4  # jobs at a time that need nobody but the database: inboxes, clocks, checkpoints
CLOCKS: Final = 5  # connections of the thread that looks what is due and of those that fire it
OUTSIDE: Final = 16  # destinations outside that are spoken to at a time
# It is told of new jobs; it looks by itself, too, lest a word was lost.
HOW: Final[dict[str, Any]] = {
    "fetch_job_polling_interval": 1.0,
    "shutdown_graceful_timeout": 5.0,
    "delete_jobs": "successful",
}


def main() -> None:
    """Carry out jobs until SIGTERM or SIGINT; those that run then have five seconds to end."""
    # A sender keeps a connection while it waits for its receiver; the clocks have their own.
    os.environ["DETAINER_POOL"] = str(OWN + OUTSIDE + 4 + CLOCKS)
    database.use(os.environ["DETAINER_DATABASE"])
    from procrastinate.contrib.django import app  # noqa: PLC0415  (after the set-up)

    from detainer.exchange.firing import firing  # noqa: PLC0415

    with firing(), app.replace_connector(app.connector.get_worker_connector()):
        asyncio.run(_work(app))


async def _work(app: Any) -> None:
    """Run two workers with threads enough for both: who waits for a receiver outside never keeps an inbox or a clock waiting."""
    from detainer.exchange.sending import QUEUE  # noqa: PLC0415

    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(OWN + OUTSIDE + 4, thread_name_prefix="job"))
    async with app.open_async():
        own = asyncio.create_task(app.run_worker_async(queues=["default", "builtin"], concurrency=OWN, **HOW))
        outside = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                concurrency=OUTSIDE,
                install_signal_handlers=False,
                **(
                    HOW | {"fetch_job_polling_interval": 0.2}
                ),  # a destination that is woken while it is sent to is told of by none
            )
        )
        ended, running = await asyncio.wait({own, outside}, return_when=asyncio.FIRST_COMPLETED)
        for worker in running:
            worker.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for worker in ended:
            worker.result()


if __name__ == "__main__":
    main()
