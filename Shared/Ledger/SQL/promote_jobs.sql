SELECT promoted FROM promote_jobs($1::text)
