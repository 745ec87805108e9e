"""Channels of a running exchange, set on the command line: receivers that never answer keep nobody else waiting."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from receiver_making import LOOPBACK, authorities, never, receiving
from serving_making import serving, started
from template_making import copied, with_demo

OUTSIDE = 16  # destinations that are spoken to at a time
HANGING = 24  # more than there are jobs at a time, of both workers

# Agencies whose webhooks lead to a receiver that never answers, made in one process as the operator's commands make them.
SET_UP = """
import datetime as dt, sys
from pathlib import Path
from detainer.cli_running import as_worker
with as_worker(Path(sys.argv[1])):
    from detainer.exchange import register
    from detainer.exchange.channels import own
    now = dt.datetime.now(dt.UTC)
    place = {"jurisdiction": "us/ma/essex", "name": "A county"}
    for number in range(int(sys.argv[3])):
        key, code = f"county_{number}", f"HANG{number:02}"
        facility = register.FacilityEntry(code=code, agency=key, kind="jail", county="Essex", state="MA", **place)
        register.enter([register.AgencyEntry(key=key, kinds=("custodian",), **place)], [facility])
        own.save(register.agency(key).id, own.SaveChannel(kind="webhook", address=sys.argv[2]), now)
    print(register.add_token("ero_boston", "t", ["request", "read"], now=now))
"""


def test_receivers_that_never_answer_keep_neither_an_inbox_nor_another_receiver_waiting(folder: Path) -> None:
    data = folder / "data"
    copied("demo", with_demo, data)
    operator = {"DETAINER_NETWORKS": LOOPBACK, "DETAINER_AUTHORITIES": authorities()}

    def detainer(*arguments: str, ends: int = 0, **more: Any) -> bytes:
        process = started(*arguments, "--data", str(data), operator=operator, stdout=subprocess.PIPE, stdin=subprocess.PIPE)
        told, _ = process.communicate(timeout=60, **more)
        assert process.returncode == ends
        return bytes(told)

    with receiving(never) as silent, receiving() as receiver, serving(data, operator=operator) as running:
        made = json.loads(detainer("channel", "add", "webhook", receiver.url, "--agency", "essex_sheriff", "--json"))
        assert made["secret"].startswith("whsec_")
        assert b"accepted" in detainer("channel", "test", "webhook", "--agency", "essex_sheriff")
        set_up = [sys.executable, "-c", SET_UP, str(data), silent.url, str(HANGING)]
        own = {
            name: told for name, told in os.environ.items() if not name.startswith("DETAINER_")
        }  # the exchange has its own key
        token = subprocess.run(set_up, env={**own, **operator}, capture_output=True, check=True, text=True).stdout.split()[-1]

        def lodge(facility: str) -> str:
            said = {"facility": facility, "person": {"name": "Synthetic Person"}, "form": "I-247G", "asks": ["notify"]}
            reply = httpx.post(f"{running.url}/api/v1/requests", json=said, headers=headers, timeout=30)
            assert reply.status_code == 201, reply.text
            return str(reply.json()["id"])

        headers = {"Authorization": f"Bearer {token}"}
        for number in range(HANGING):
            lodge(f"HANG{number:02}")
        until = time.monotonic() + 30
        while len(silent.got) < OUTSIDE:
            assert time.monotonic() < until, len(silent.got)
            time.sleep(0.05)
        time.sleep(0.5)
        start = time.monotonic()  # all that may be spoken to at a time are, and none of them answers
        request = lodge("ESSEXMA")
        ladder: list[dict[str, Any]] = []
        while not (ladder and ladder[0]["delivered_at"]):
            assert time.monotonic() - start < 5, "an inbox waits for a receiver outside"
            shown = httpx.get(f"{running.url}/api/v1/requests/{request}", headers=headers, timeout=30).json()
            ladder = [one for one in shown["deliveries"] if one["channel"] == "inbox"]
    assert receiver.got[0][0]["webhook-id"]
    detainer("bounced", ends=1, input=b"Subject: out of office\r\n\r\nback on Monday")
