"""Recomputes a plan from its JSON alone, with nothing but Python's standard library.

Reads one plan a line from stdin: {"model": ..., "outcomes": ..., "cost": ..., "carbon": ...}. Prints what does not agree; nothing when
all does. Percentiles are found by convolution on a grid (discrete Fourier transform), not by the method of the
compiler; the choice by trying every combination of candidates.
"""

import cmath
import itertools
import json
import math
import sys

GRID = 2048


def fourier(values):
    count = len(values)
    if count == 1:
        return list(values)
    even, odd = fourier(values[0::2]), fourier(values[1::2])
    turned = [cmath.exp(-2j * math.pi * k / count) * odd[k] for k in range(count // 2)]
    return [even[k] + turned[k] for k in range(count // 2)] + [even[k] - turned[k] for k in range(count // 2)]


def erlang_c(servers, load):
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    busy = load / servers
    return blocked / (1 - busy * (1 - blocked))


def queue(station, replicas):
    """Servers, arrivals a second, seconds of service, variability, lines that visits are spread over."""
    servers, rate = station["servers_per_replica"], station["rate_rps"]
    lines = 1
    if station["discipline"] == "pooled":
        servers *= replicas
    else:
        rate, lines = rate / replicas, replicas
    return servers, rate, station["service_ms"] / 1000, station["scv"], lines


def waiting(servers, rate, service, scv, _):
    """Probability of waiting, and the mean wait of those who wait (Allen-Cunneen)."""
    return erlang_c(servers, rate * service), (1 + scv) / 2 / (servers / service - rate)


def station_transform(parameters, times, s, together):
    """Visits in a row: in the same line each waits as long as the first (or as it comes), in others as it comes."""
    waits, wait = waiting(*parameters)
    _, _, service, scv, lines = parameters
    lines = lines if together else math.inf
    served = (1 + s * service * scv) ** (-1 / scv) if scv > 0 else cmath.exp(-s * service)
    waited = lambda mean: 1 - waits + waits / (1 + s * mean)
    return (waited(wait * times) / lines + waited(wait) ** times * (1 - 1 / lines)) * served**times


def exponential_cells(mean, cell):
    return [math.exp(-k * cell / mean) - math.exp(-(k + 1) * cell / mean) for k in range(GRID)]


def spectrum(parameters, times, cell, together):
    """Waiting and service of visits in a row; a cell of the grid stands for its middle."""
    waits, wait = waiting(*parameters)
    _, _, service, scv, lines = parameters
    lines = lines if together else math.inf
    assert scv == 1.0, "only exponential service is known here"
    half = shift(0.5)
    waited = lambda mean: [1 - waits + waits * w * h for w, h in zip(fourier(exponential_cells(mean, cell)), half)]
    same, other = waited(wait * times), waited(wait)
    served = [v * h for v, h in zip(fourier(exponential_cells(service, cell)), half)]
    return [(a / lines + b**times * (1 - 1 / lines)) * v**times for a, b, v in zip(same, other, served)]


def shift(cells):
    """What a delay of so many cells is in the spectrum."""
    return [cmath.exp(-2j * math.pi * (k if k < GRID / 2 else k - GRID) / GRID * cells) for k in range(GRID)]


def journey(model, entry, parameters, transform, network):
    """The product along the calls: `transform` of visits in a row, `network` of a delay; any ring will do."""

    def leg(address, times):
        product = transform(parameters[address], times)
        for edge in model["edges"]:
            if edge["from"] == address:
                assert not edge["parallel"], "parallel calls are not recomputed here"
                delay = network(edge["network_ms"] / 1000)
                whole, rest = int(edge["visits"]) * times, edge["visits"] % 1
                if whole:
                    product = multiply(product, multiply(leg(edge["to"], whole), [d**whole for d in delay]))
                if rest:
                    once = multiply(leg(edge["to"], 1), delay)
                    product = multiply(product, [(1 - rest + rest * value) ** times for value in once])
        return product

    return leg(entry, 1)


def multiply(one, other):
    return [a * b for a, b in zip(one, other)]


def moments(model, parameters, address, times):
    """Mean, variance, and for each station expected visits and the squares of those that belong together."""
    waits, wait = waiting(*parameters[address])
    _, _, service, scv, lines = parameters[address]
    same, waited, served = 1 / lines, waits * (2 - waits) * wait * wait, scv * service * service
    mean = times * (waits * wait + service)
    variance = (same * times * times + (1 - same) * times) * waited + times * served
    visits = {address: (times, times * times)}

    def add(callee, count, squared):
        for name, (all_of, together) in callee.items():
            known = visits.get(name, (0, 0))
            visits[name] = (known[0] + count * all_of, known[1] + squared * together)

    for edge in model["edges"]:
        if edge["from"] == address:
            delay, whole, rest = edge["network_ms"] / 1000, int(edge["visits"]) * times, edge["visits"] % 1
            if whole:
                more = moments(model, parameters, edge["to"], whole)
                mean, variance = mean + more[0] + whole * delay, variance + more[1]
                add(more[2], 1, 1)
            if rest:
                more = moments(model, parameters, edge["to"], 1)
                once = more[0] + delay
                mean += times * rest * once
                variance += times * (rest * more[1] + rest * (1 - rest) * once * once)
                add(more[2], times * rest, times * rest * rest)
    return mean, variance, visits


def stretch(model, parameters, entry):
    """The mean, and how much larger the deviation is where a line is met on several ways."""
    mean, variance, visits = moments(model, parameters, entry, 1)
    more = 0.0
    for name, (all_of, together) in visits.items():
        waits, wait = waiting(*parameters[name])
        more += max(all_of * all_of - together, 0) * waits * (2 - waits) * wait * wait / parameters[name][4]
    return mean, math.sqrt((variance + more) / variance)


def percentiles(model, entry, parameters, reach):
    """50th, 95th, 99th percentile in milliseconds: the slower of visits in a row that wait together or apart."""
    mean, longer = stretch(model, parameters, entry)
    together = grid_percentiles(model, entry, parameters, reach, True)
    apart = grid_percentiles(model, entry, parameters, reach, False)
    stretched = [time if time < mean * 1000 else mean * 1000 + (time - mean * 1000) * longer for time in together]
    return [max(both) for both in zip(stretched, apart)]


def grid_percentiles(model, entry, parameters, reach, together):
    """By convolution on a grid that reaches that far."""
    cell = reach / GRID
    row = lambda p, times: spectrum(p, times, cell, together)
    found = journey(model, entry, parameters, row, lambda delay: shift(delay / cell))
    cells = [value.real / GRID for value in fourier([value.conjugate() for value in found])]
    total, wanted, answer = 0.0, [0.5, 0.95, 0.99], []
    for index, value in enumerate(cells):
        while wanted and total + value >= wanted[0]:
            answer.append((index + (wanted[0] - total) / value - 0.5) * cell * 1000)
            wanted.pop(0)
        total += value
    return answer


def exceeds(model, entry, parameters, time):
    """P(T > time), for trying many combinations."""
    mean, longer = stretch(model, parameters, entry)
    near = mean + (time - mean) / longer if time > mean else time
    return max(euler(model, entry, parameters, near, True), euler(model, entry, parameters, time, False))


def euler(model, entry, parameters, time, together):
    """By the Euler algorithm."""
    terms = 12
    total = 0.0
    for k in range(2 * terms + 1):
        weight = 0.5 if k == 0 else 1.0
        if k > terms:
            weight = sum(math.comb(terms, j) for j in range(2 * terms - k + 1)) / 2**terms
        s = complex(terms * math.log(10) / 3, math.pi * k) / time
        value = journey(model, entry, parameters, lambda p, times: [station_transform(p, times, s, together)], lambda d: [cmath.exp(-s * d)])[0]
        total += (-1) ** k * weight * ((1 - value) / s).real
    return 10 ** (terms / 3) / time * total


def stable(parameters):
    servers, rate, service, _, _ = parameters
    return rate * service < servers


def milliseconds(text):
    for unit, factor in (("us", 0.001), ("ms", 1), ("s", 1000), ("m", 60000), ("h", 3600000)):
        if text.endswith(unit) and text[: -len(unit)].replace(".", "").isdigit():
            return float(text[: -len(unit)]) * factor
    raise ValueError(text)


def near(found, told, tolerance):
    return found is not None and told is not None and abs(found - told) <= tolerance * max(abs(told), 1e-9)


def load(model, complain):
    given = model["load"]
    total = given["rps"] if "rps" in given else given["users"] / given["think_time_s"]
    told = sum(entry["rate_rps"] for entry in model["entries"])
    if not near(total, told, 1e-5):
        complain(f"load: {total} {told}")
    rates = {station["address"]: 0.0 for station in model["stations"]}
    for entry in model["entries"]:
        rates[entry["address"]] += entry["rate_rps"]
    for station in reversed(model["stations"]):
        for edge in model["edges"]:
            if edge["from"] == station["address"]:
                rates[edge["to"]] += rates[station["address"]] * edge["visits"]
        if not near(rates[station["address"]], station["rate_rps"], 1e-5):
            complain(f"rate of {station['address']}: {rates[station['address']]} {station['rate_rps']}")


def stations(model, complain):
    for station in model["stations"]:
        n, cpu = station["servers_per_replica"], station["cpu_millis"] / 1000
        slowdown = 1 + station["sigma"] * (n - 1) + station["kappa"] * n * (n - 1)
        service = station["demand_ms"] / min(1, cpu) * slowdown
        if not near(service, station["service_ms"], 1e-5):
            complain(f"service of {station['address']}: {service} {station['service_ms']}")


def times(model, complain):
    for column, replicas in (("response_p95_ms", "replicas"), ("zone_lost_p95_ms", "replicas_zone_lost")):
        parameters = {s["address"]: queue(s, s[replicas]) for s in model["stations"]}
        for entry in model["entries"]:
            told = entry[column]
            if told is None or not all(map(stable, parameters.values())):
                continue
            found = percentiles(model, entry["address"], parameters, told / 1000 * 6)
            if not near(found[1], told, 0.01):
                complain(f"{column} of {entry['address']}: {found} {told}")
            if column == "response_p95_ms":
                for index, name in ((0, "response_p50_ms"), (2, "response_p99_ms")):
                    if not near(found[index], entry[name], 0.01):
                        complain(f"{name} of {entry['address']}: {found[index]} {entry[name]}")


def availability(model, blocks=None):
    blocks = blocks or model["blocks"]
    if not blocks:
        return None
    zones, each = blocks[0]["zones_of_place"], blocks[0]["zone_availability"]
    total = 0.0
    for alive in itertools.product([True, False], repeat=zones):
        chance = math.prod(each if zone else 1 - each for zone in alive)
        for block in blocks:
            if block["zones"] == 0:
                # The place promises it whatever happens to its zones.
                a, all = block["availability"], block["all"]
                chance *= sum(math.comb(all, k) * a**k * (1 - a) ** (all - k) for k in range(block["needed"], all + 1))
                continue
            sizes = [block["all"] // block["zones"] + (zone < block["all"] % block["zones"]) for zone in range(block["zones"])]
            here = sum(size for zone, size in enumerate(sizes) if alive[zone])
            a = block["availability"]
            chance *= sum(math.comb(here, k) * a**k * (1 - a) ** (here - k) for k in range(block["needed"], here + 1))
        total += chance
    return total


def there(model, combination):
    """The availability when these are chosen: as many have to be there as a lost zone leaves of them."""
    chosen = {c["address"]: c for c in combination}
    blocks = []
    for block in model["blocks"]:
        c = chosen.get(block["address"])
        if c is None:
            blocks.append(block)
        elif c["availability"] is not None:
            blocks.append({**block, "all": 1, "needed": 1, "zones": 0, "availability": c["availability"]})
        else:
            blocks.append({**block, "all": c["replicas"], "needed": max(1, c["replicas_zone_lost"])})
    return availability(model, blocks)


def by_use(plan, complain):
    """What is paid for by use, from the requests of a month; what replicas cost, from their processors."""
    model, items = plan["model"], plan["cost"]["items"]
    month = 730 * 3600 / model["load"]["peak_to_mean"]
    bought = lambda address, is_it: sum(i["quantity"] for i in items if i["address"] == address and is_it(i))
    for entry in model["entries"]:
        out = bought(entry["address"], lambda i: "egress" in i["sku"] or i["sku"] == "transfer-internet")
        expected = entry["rate_rps"] * month * entry["payload_bytes"] / 2**30
        if out and not near(out, expected, 1e-4):
            complain(f"bytes of {entry['address']}: {expected} {out}")
    for station in model["stations"]:
        hours = bought(station["address"], lambda i: i["unit"] == "vcpu-hour")
        hours += bought(station["address"], lambda i: i["unit"] == "vcpu-second") / 3600
        expected = station["replicas"] * station["cpu_millis"] / 1000 * 730
        # Sizes with names may be larger than what was stated.
        if hours and not (near(hours, expected, 1e-6) or hours > expected):
            complain(f"processors of {station['address']}: {expected} {hours}")


def emitted(plan, complain):
    """Cloud Carbon Footprint's method, from the bill's processors, memory, storage and bytes, and from the load."""
    model, carbon = plan["model"], plan["carbon"]
    place = model["emissions"]
    if (place is None) != (carbon is None):
        complain("carbon: counted without figures, or not counted with them")
    if carbon is None:
        return
    peak = model["load"]["peak_to_mean"]
    busy = {s["address"]: s["rate_rps"] * s["service_ms"] / 1000 / s["servers_per_replica"] / s["replicas"] / peak for s in model["stations"]}
    bought = {(i["address"], i["sku"]): 0.0 for i in plan["cost"]["items"]}
    for item in plan["cost"]["items"]:
        bought[item["address"], item["sku"]] += item["quantity"] / (3600 if item["unit"].endswith("-second") else 1)
    total = 0.0
    for item in carbon["items"]:
        watts = item["idle_w"] + item["utilisation"] * (item["full_w"] - item["idle_w"])
        kwh = watts * item["vcpu_hours"] / 1000 + place["memory_w_per_gib"] * item["memory_gib_hours"] / 1000
        kwh += place["storage_kwh_per_tib_hour"] * item["storage_tib_hours"] + place["network_kwh_per_gib"] * item["network_gib"]
        kg = kwh * place["pue"] * place["grid_kg_per_kwh"] + item["embodied_kg_per_vcpu_hour"] * item["vcpu_hours"]
        total += kg
        if not near(kg, item["monthly_kg_co2e"], 1e-5) or not near(kwh * place["pue"], item["kwh"], 1e-5):
            complain(f"carbon of {item['address']}: {kg} {item['monthly_kg_co2e']}")
        if item["address"] in busy and item["vcpu_hours"] and not near(busy[item["address"]], item["utilisation"], 1e-4):
            complain(f"mean use of {item['address']}: {busy[item['address']]} {item['utilisation']}")
        quantity = bought[item["address"], item["sku"]]
        for part in ("vcpu_hours", "memory_gib_hours", "network_gib"):
            # With tiers a line each.
            counted = sum(i[part] for i in carbon["items"] if (i["address"], i["sku"]) == (item["address"], item["sku"]))
            if counted and not item["address"].startswith("resources.") and not near(quantity, counted, 1e-5):
                complain(f"{part} of {item['address']}: {quantity} {counted}")
    if not near(total, carbon["monthly_kg_co2e"], 1e-5):
        complain(f"carbon: {total} {carbon['monthly_kg_co2e']}")


def ranges(model, complain):
    """The floor is the least number that is no slower between peaks, with a zone lost, than the ceiling at peak."""
    stations = {s["address"]: s for s in model["stations"]}
    zones = model["blocks"][0]["zones_of_place"] if model["blocks"] else 1
    peak = model["load"]["peak_to_mean"]

    def slowness(station, replicas, rate):
        if replicas <= 0 or not stable(queue({**station, "rate_rps": rate}, replicas)):
            return math.inf
        parameters = queue({**station, "rate_rps": rate}, replicas)
        waits, wait = waiting(*parameters)
        service, scv = parameters[2], parameters[3]
        return waits * wait + service + 2 * math.sqrt(waits * (2 - waits) * wait * wait + scv * service * service)

    for told in model["ranges"]:
        station = stations[told["address"]]
        promised = station["replicas_zone_lost"] < station["replicas"]
        left = lambda n: n - math.ceil(n / zones) if promised else n
        headroom = 1 + (peak - 1) * min(1, told["start_s"] / told["ramp_s"])
        if not near(headroom, told["headroom"], 1e-5) or not near(station["rate_rps"] / peak, told["base_rps"], 1e-5):
            complain(f"load between peaks of {told['address']}: {headroom} {station['rate_rps'] / peak} {told}")
        most = slowness(station, station["replicas_zone_lost"], station["rate_rps"]) * (1 + 1e-6)
        rate = told["base_rps"] * told["headroom"]
        enough = slowness(station, left(told["floor"]), rate) <= most
        fewer = told["floor"] > 1 and slowness(station, left(told["floor"] - 1), rate) <= most
        # Being there may ask for more than time does.
        there_too = any(o["address"] == "outcomes.availability" for o in model.get("outcomes", []))
        if not enough or (fewer and not there_too) or told["ceiling"] != station["replicas"] or told["counted"] != station["replicas"]:
            complain(f"range of {told['address']}: {told}")


def pools(model, complain):
    """Little's law for connections that are busy, room for all but one moment in a hundred, and Gunther's N*."""
    stations = {s["address"]: s for s in model["stations"]}
    for pool in model["pools"]:
        user, database = stations[pool["from"]], stations[pool["to"]]
        visits = sum(e["visits"] for e in model["edges"] if (e["from"], e["to"]) == (pool["from"], pool["to"]))
        waits, wait = waiting(*queue(database, database["replicas_zone_lost"]))
        asked = user["rate_rps"] * visits
        busy = asked / pool["replicas"] * (waits * wait + database["service_ms"] / 1000)
        useful = math.floor(math.sqrt((1 - database["sigma"]) / database["kappa"]))
        most = min(useful, pool["max_connections"] or math.inf) * asked / database["rate_rps"] / pool["replicas"]
        wanted = max(1, math.ceil(busy + 2.326 * math.sqrt(busy) - 1e-6))
        if not near(busy, pool["busy"], 1e-4) or wanted != pool["wanted"] or pool["size"] != min(wanted, max(1, math.floor(most + 1e-9))):
            complain(f"pool of {pool['from']}: {busy} {wanted} {most} {pool}")


def choice(plan, complain):
    """Nothing cheaper among the candidates keeps the promises about time and being there."""
    model = plan["model"]
    promises = [(float(o["address"].rsplit("_p")[-1]) / 100, milliseconds(o["promised"]) / 1000)
                for o in plan["outcomes"] if "latency_p" in o["address"] and o["met"]]
    if len(promises) != sum("latency_p" in o["address"] for o in plan["outcomes"]):
        return
    by_station = []
    for station in model["stations"]:
        own = [c for c in model["candidates"] if c["address"] == station["address"]]
        by_station.append([(c, queue({**station, **c}, max(c["replicas_zone_lost"], 1e-9))) for c in own])
    promised = [float(o["promised"].rstrip("%")) / 100 for o in plan["outcomes"] if o["address"] == "outcomes.availability" and o["met"]]
    weight = sum(c["weight"] for own in by_station for c, _ in own if c["chosen"])
    tried = 0
    for combination in itertools.product(*by_station):
        if sum(c["weight"] for c, _ in combination) >= weight * (1 - 1e-5) or tried > 60:
            continue
        parameters = {c["address"]: p for c, p in combination}
        if not all(map(stable, parameters.values())):
            continue
        tried += 1
        if promised and model["blocks"] and there(model, [c for c, _ in combination]) < promised[0]:
            continue
        if all(exceeds(model, e["address"], parameters, t) <= 1 - p for e in model["entries"] for p, t in promises):
            complain(f"cheaper: {[(c['address'], c['replicas'], c['cpu_millis']) for c, _ in combination]}")
            return


def check(plan, complain):
    model = plan["model"]
    load(model, complain)
    stations(model, complain)
    times(model, complain)
    choice(plan, complain)
    by_use(plan, complain)
    emitted(plan, complain)
    pools(model, complain)
    ranges({**model, "outcomes": plan["outcomes"]}, complain)
    for outcome in plan["outcomes"]:
        if outcome["address"] == "outcomes.availability" and outcome["computed"]:
            told = float(outcome["computed"].rstrip("%")) / 100
            found = availability(model)
            if not told <= found + 1e-9 <= told + 1.1e-6:
                complain(f"availability: {found} {told}")
    billed = sum(item["quantity"] * float(item["unit_usd"]) for item in plan["cost"]["items"])
    if not abs(billed - float(plan["cost"]["monthly_usd"])) <= 0.01 + billed * 1e-5:
        complain(f"cost: {billed} {plan['cost']['monthly_usd']}")


for number, line in enumerate(sys.stdin):
    check(json.loads(line), lambda message: print(f"plan {number}: {message}"))
