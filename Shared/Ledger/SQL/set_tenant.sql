SELECT set_config('sanitizer.tenant', $1::text, true)
