SELECT dispatch_due($1::text[], $2::integer)
