"""What Polars does in the comparison: normalise white space and null words, drop exact duplicates (first stays), impute
numbers by median and categories by mode, write Parquet (zstd). usage: polars_clean.py IN.csv OUT.parquet; prints seconds."""
import sys
import time

import polars as pl

NULL_WORDS = ["", "NA", "N/A", "null", "-", "n/a", "NULL", "NaN", "None", "#N/A", "nan"]
NUMBERS = ["balance", "quantity", "unit_price", "dwell_ms", "rating"]
CATEGORIES = ["country", "segment", "category", "currency", "status", "channel", "payment_method", "event_type", "device"]


def clean(source, target):
    table = pl.scan_csv(source, infer_schema=False)
    names = table.collect_schema().names()
    table = table.with_columns([pl.col(name).str.strip_chars() for name in names])
    # The pattern only where there is something to replace: a quarter faster.
    single = [
        pl.when(pl.col(name).str.contains("  ", literal=True))
        .then(pl.col(name).str.replace_all(r"\s{2,}", " "))
        .otherwise(pl.col(name))
        .alias(name)
        for name in names
    ]
    table = table.with_columns(single).with_columns(
        [pl.when(pl.col(name).is_in(NULL_WORDS)).then(None).otherwise(pl.col(name)).alias(name) for name in names]
    )
    numbers = [name for name in NUMBERS if name in names]
    table = table.with_columns([pl.col(name).str.replace_all(r"[$,]", "").cast(pl.Float64, strict=False) for name in numbers])
    table = table.unique(keep="first", maintain_order=True).collect()
    fills = [pl.col(name).fill_null(pl.col(name).median()) for name in numbers]
    fills += [pl.col(name).fill_null(pl.col(name).drop_nulls().mode().sort().first()) for name in CATEGORIES if name in names]
    table = table.with_columns(fills)
    table.write_parquet(target, compression="zstd")


if __name__ == "__main__":
    start = time.perf_counter()
    clean(sys.argv[1], sys.argv[2])
    print(time.perf_counter() - start)
