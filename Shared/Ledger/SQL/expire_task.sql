SELECT outcome FROM expire_task($1::bigint)
