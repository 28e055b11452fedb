SELECT broken_at, entries, head FROM audit_break($1::text)
