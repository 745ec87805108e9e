"""The Aalen-Johansen estimate: how far an event has come by each day, beside other ends and with cases lost from sight."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]
Numbers = Counts | Shares


class Estimate(NamedTuple):
    """For each day: how many the event could still reach at its start, the part it reached by its end, the standard error."""

    at_risk: Numbers
    incidence: Shares
    error: Shares


def aalen_johansen(day: Counts, event: Numbers, other: Numbers, censored: Numbers) -> Estimate:
    """Return the Aalen-Johansen estimate of the cumulative incidence of an event beside other ends, from counts per day.

    `day` rises; who is censored on a day was still at risk of what came on it. The error is Aalen's (1978), as in
    Marubini and Valsecchi; 0 where nobody is left after.
    """
    left = np.cumsum(event + other + censored)
    at_risk = left[-1:].sum() - np.append(np.zeros(1, left.dtype), left)[: len(day)]
    risk = np.where(at_risk > 0, at_risk, 1).astype(np.float64)
    ended = event + other
    staying = np.cumprod(1.0 - ended / risk)
    before: Shares = np.append(1.0, staying)[: len(day)]
    reached = np.cumsum(before * event / risk)
    return Estimate(at_risk, reached, _error(risk, event, ended, before, reached))


def _error(risk: Shares, event: Numbers, ended: Numbers, before: Shares, reached: Shares) -> Shares:
    """Return the standard error, expanded into sums so that it takes one pass for all days."""
    rest = risk - ended
    first = np.divide(ended, risk * rest, out=np.zeros_like(risk), where=rest > 0)
    second = before**2 * event * (risk - event) / risk**3
    third = before * event / risk**2
    square = reached**2 * np.cumsum(first) - 2 * reached * np.cumsum(reached * first) + np.cumsum(reached**2 * first)
    variance = square + np.cumsum(second) - 2 * (reached * np.cumsum(third) - np.cumsum(reached * third))
    error: Shares = np.sqrt(np.maximum(variance, 0.0))
    return error
