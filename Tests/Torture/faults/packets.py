"""Packets dropped by the kernel, between one service and its link: both ways, one way, and at random."""

import re
import shutil
import subprocess
import time

from faults import NotPossible, fault


def dropping(world, random, rules, seconds):
    """`rules` for the port of one link of one service; the table is removed whatever happens."""
    if not shutil.which("nft"):
        raise NotPossible("nftables is not installed")
    place = random.choice(world.processes)
    link = place.links[random.choice(sorted(place.links))]
    table = f"torture_{world.seed}_{link.own_port}"
    text = f"table inet {table} {{ chain input {{ type filter hook input priority 0;\n"
    text += "\n".join(rule.replace("PORT", str(link.own_port)) for rule in rules) + "\n}\n}\n"
    done = subprocess.run(["nft", "-f", "-"], input=text, capture_output=True, text=True)
    if done.returncode != 0:
        raise NotPossible(f"nft: {done.stderr.strip()[:100]}")
    try:
        world.submit(1, wait=False)
        time.sleep(seconds)
        counted = subprocess.run(["nft", "list", "table", "inet", table], capture_output=True, text=True).stdout
    finally:
        subprocess.run(["nft", "delete", "table", "inet", table], capture_output=True)
    return re.search(r"packets [1-9]", counted) is not None


TO, FROM = "iif lo tcp dport PORT", "iif lo tcp sport PORT"


@fault("network", "packets dropped both ways", holds={"wire"}, cost=3)
def both_ways(world, random):
    return dropping(world, random, [f"{TO} counter drop", f"{FROM} counter drop"], 2.5)


@fault("network", "packets dropped one way", holds={"wire"}, cost=3)
def one_way(world, random):
    return dropping(world, random, [f"{random.choice([TO, FROM])} counter drop"], 2.5)


@fault("network", "packets lost at random", holds={"wire"}, cost=2)
def at_random(world, random):
    share = random.choice([5, 20])
    return dropping(world, random, [f"{rule} numgen random mod 100 < {share} counter drop" for rule in (TO, FROM)], 1.8)
