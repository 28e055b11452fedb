"""What Splink does in the comparison: finds the clusters of near-duplicate customers by rules written by hand for this table, on DuckDB, and
writes them as matches (row,kept_row,kind,score). usage: splink_match.py IN.csv OUT.csv THREADS; prints seconds."""
import logging
import sys
import time
import warnings

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

# Of .9 to .9999 the best one for the made-up customers: the others join households.
THRESHOLD = 0.9999


def match(source, target, threads):
    connection = duckdb.connect()
    connection.execute(f"SET threads = {int(threads)}")
    # Letters in lower case, white space folded, null words emptied; rows in the order of the file.
    names = [row[0] for row in connection.execute("DESCRIBE SELECT * FROM read_csv(?, all_varchar = true)", [source]).fetchall()]
    cells = ", ".join(
        f"CASE WHEN lower(trim(\"{name}\")) IN ('', 'na', 'n/a', 'null', '-', 'nan', 'none', '#n/a') THEN NULL"
        f" ELSE regexp_replace(lower(trim(\"{name}\")), '\\s+', ' ', 'g') END AS \"{name}\""
        for name in names
    )
    connection.execute(
        f"CREATE TABLE customers AS SELECT row_number() OVER () - 1 AS unique_id, {cells} FROM read_csv(?, all_varchar = true)",
        [source],
    )
    connection.execute("UPDATE customers SET phone = right(regexp_replace(phone, '[^0-9]', '', 'g'), 10)")
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("first_name", [0.92, 0.8]),
            cl.JaroWinklerAtThresholds("last_name", [0.92, 0.8]),
            cl.LevenshteinAtThresholds("email", [2]),
            cl.LevenshteinAtThresholds("phone", [1, 2]),
            cl.LevenshteinAtThresholds("birth_date", [1]),
            cl.JaroWinklerAtThresholds("street", [0.9]),
            cl.LevenshteinAtThresholds("postal_code", [1]),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("email"),
            block_on("phone"),
            block_on("last_name", "birth_date"),
            block_on("last_name", "street"),
            block_on("first_name", "postal_code"),
        ],
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI(connection).register("customers"), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match([block_on("email"), block_on("phone")], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("email"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("phone"))
    pairs = linker.inference.predict(threshold_match_probability=THRESHOLD)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=THRESHOLD)
    connection.execute(
        f"COPY (SELECT unique_id AS row, kept AS kept_row, 'near' AS kind, {THRESHOLD} AS score"
        f" FROM (SELECT unique_id, min(unique_id) OVER (PARTITION BY cluster_id) AS kept FROM {clusters.physical_name})"
        f" WHERE unique_id <> kept) TO '{target}' (HEADER)"
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    match(*sys.argv[1:4])
    print(time.perf_counter() - start)
