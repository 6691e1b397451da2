#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws CPU time per decision against VMs, both logarithmic: plot_scale.py RESULTS.jsonl > scale.svg"""
import json
import math
import sys

rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
width, height, left, top, right, bottom = 640, 400, 70, 20, 20, 50
low, high = -2, 3  # powers of ten of the milliseconds shown


def at(vms, ms):
    x = left + (math.log10(vms) - 3) / 3 * (width - left - right)
    y = height - bottom - (math.log10(ms) - low) / (high - low) * (height - top - bottom)
    return f"{x:.1f},{y:.1f}"


def text(x, y, anchor, words, color="#333"):
    print(f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{color}">{words}</text>')


print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">')
print(f'<rect width="{width}" height="{height}" fill="#fff"/>')
for power in range(low, high + 1):
    x, y = at(1000, 10.0**power).split(",")
    print(f'<path d="M{x},{y}H{width - right}" stroke="#ddd"/>')
    text(left - 6, float(y) + 4, "end", f"{10.0 ** power:g} ms")
for power in range(3, 7):
    text(at(10**power, 1).split(",")[0], height - bottom + 18, "middle", f"{10 ** power:,}")
text((left + width - right) / 2, height - 10, "middle", "VMs (ten per host)")
for number, (policy, color) in enumerate([("spread", "#1f77b4"), ("consolidate", "#d62728")]):
    points = [(r["vms"], r["decide_ms"]) for r in rows if r["policy"] == policy]
    line = " ".join(at(*point) for point in points)
    print(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>')
    text(left + 12, top + 18 + 16 * number, "start", policy, color)
first = min(r["decide_ms"] for r in rows if r["vms"] == 1000)
guide = " ".join(at(n, first * n * math.log(n) / (1000 * math.log(1000))) for n in (10**3, 10**4, 10**5, 10**6))
print(f'<polyline points="{guide}" fill="none" stroke="#888" stroke-dasharray="4"/>')
text(left + 12, top + 50, "start", "n log n, through the first point", "#888")
print("</svg>")
