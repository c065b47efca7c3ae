"""Solves integer programmes of sizing by HiGHS, which nobody here wrote.

Reads one instance a line from stdin: {"weights": [[...], ...], "cuts": [[...], ...], "cost": cost or null}: one candidate
for each station, for each cut some station beyond it, least weight. Prints what does not agree with `cost`; at the end,
how many instances it solved.
"""

import json
import sys

import highspy


def solve(weights, cuts):
    """The least cost; None when there is no answer."""
    model = highspy.Highs()
    model.silent()
    model.setOptionValue("mip_rel_gap", 0.0)
    taken = [[model.addBinary(obj=weight) for weight in station] for station in weights]
    for station in taken:
        model.addConstr(model.qsum(station) == 1)
    for cut in cuts:
        faster = [variable for station, place in zip(taken, cut) for variable in station[place + 1 :]]
        if not faster:
            return None
        model.addConstr(model.qsum(faster) >= 1)
    model.minimize()
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return model.getInfo().objective_function_value


solved = 0
for line in sys.stdin:
    instance = json.loads(line)
    found, told = solve(instance["weights"], instance["cuts"]), instance["cost"]
    solved += 1
    same = found is None and told is None
    if not same and (found is None or told is None or abs(found - told) > 1e-6 * max(abs(told), 1)):
        print(f"instance {solved}: {found} and not {told}: {line.strip()[:400]}")
print(f"solved {solved}")
