-- How long, in seconds, the oldest delivery has been waiting that has not arrived; 0 when none waits. SECURITY DEFINER, because
-- whoever watches the exchange is no agency; it tells an age and nothing else.
CREATE FUNCTION oldest_undelivered() RETURNS double precision
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT greatest(coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0), 0)::double precision
          FROM delivery WHERE delivered_at IS NULL
    $$;
