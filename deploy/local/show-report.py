#!/usr/bin/env python3
"""Prints the numbers of a report that a person asks for first. usage: show-report.py REPORT.json"""
import json
import sys


def main(path):
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    rows = report["conservation"]
    quality = report["quality_metrics"]
    print(
        f"  {rows['input']:,} rows = {rows['kept']:,} kept + {rows['exact_duplicates']:,} exact duplicates"
        f" + {rows['near_duplicates']:,} near duplicates + {rows['quarantined']:,} quarantined"
        f" + {rows['rejected']:,} rejected; balanced: {str(rows['balanced']).lower()}"
    )
    print(
        f"  quality {quality['quality_score_before']:.3f} -> {quality['quality_score_after']:.3f};"
        f" imputed {quality['imputation_rate']:.2%} of the cells;"
        f" estimated false positives {quality['false_positive_rate']:.2%}"
    )
    print(f"  {'column':<14} {'type':<10} {'meaning':<14} {'missing':>8} {'changed':>8} {'imputed':>8} {'outliers':>8}")
    for column in report["columns"]:
        print(
            f"  {column['name']:<14} {column['type']:<10} {column['semantic']:<14} {column['nulls']:>8,}"
            f" {column['changed_cells']:>8,} {column['imputed_cells']:>8,} {column['outliers']:>8,}"
        )
    for step in report["transformations_applied"]:
        removed = step.get("rows_removed")
        count = f"{removed:,} rows removed" if removed is not None else f"{step.get('rows_modified') or 0:,} rows"
        print(f"  {step['id']:<24} {count:<22} {', '.join(step['columns'])}")
    print(f"  output {report['output']['bytes']:,} bytes, sha256 {report['output']['digest']}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
