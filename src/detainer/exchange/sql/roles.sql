-- The roles of the service. Neither owns a table, neither is a superuser, neither bypasses row-level security.
-- detainer_service: the web and API processes; sees the rows of the agency of its session.
-- detainer_worker: deliveries, deadlines, checkpoints and the operator's commands; its policies name it.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'detainer_service') THEN
        CREATE ROLE detainer_service LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'detainer_worker') THEN
        CREATE ROLE detainer_worker LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
END
$$;
