"""Plays queues in a row by Ciw, which nobody here wrote, and compares with what `prove` played.

Reads one case a line from stdin: {"stations": [{"servers", "rate_rps", "service_ms"}], "network_ms", "requests", "times":
[{"share", "low_ms", "high_ms"}]}. Requests come to the first station and go on to the next. Percentiles have a 95 %
interval by batch means. Prints what does not overlap; at the end, how many percentiles it compared.
"""

import json
import math
import sys

import ciw

BATCHES, STUDENT = 20, 2.093


def play(case, seed):
    """Response times in the order of arrival, in milliseconds, without those that fill the lines."""
    stations, rate = case["stations"], case["stations"][0]["rate_rps"]
    last = len(stations) - 1
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate)] + [None] * last,
        service_distributions=[ciw.dists.Exponential(1000 / station["service_ms"]) for station in stations],
        number_of_servers=[station["servers"] for station in stations],
        routing=[[1.0 if to == at + 1 else 0.0 for to in range(len(stations))] for at in range(len(stations))],
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(case["requests"] * 1.1, method="Finish")
    whole = {}
    for record in simulation.get_all_records():
        began, ended = whole.get(record.id_number, (math.inf, 0.0))
        whole[record.id_number] = (min(began, record.arrival_date), max(ended, record.exit_date))
    ordered = sorted(whole.values())[case["requests"] // 10 :]
    return [(ended - began) * 1000 + case["network_ms"] for began, ended in ordered]


def percentile(times, share):
    return sorted(times)[math.ceil(share * len(times)) - 1]


def interval(times, share):
    size = len(times) // BATCHES
    found = [percentile(times[size * index : size * (index + 1)], share) for index in range(BATCHES)]
    mean = sum(found) / BATCHES
    error = math.sqrt(sum((value - mean) ** 2 for value in found) / (BATCHES - 1) / BATCHES)
    return mean - STUDENT * error, mean + STUDENT * error


compared = 0
for line in sys.stdin:
    case = json.loads(line)
    times = play(case, 1)
    for told in case["times"]:
        low, high = interval(times, told["share"])
        compared += 1
        if high < told["low_ms"] or told["high_ms"] < low:
            print(f"{told['share']}: {low:.3f} to {high:.3f} ms and not {told['low_ms']:.3f} to {told['high_ms']:.3f}: {line.strip()}")
print(f"compared {compared}")
