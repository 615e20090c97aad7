# shellcheck shell=bash
# A private PostgreSQL cluster: no port, no system service, gone at the end.

cluster_dir=''

as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then
    runuser -u postgres -- "$@"
  else
    "$@"
  fi
}

# Starts a cluster and sets `cluster_url`. Durability is off: it lives for one test run. In memory
# where there is room, because each test makes a database of some six hundred files and drops it
# again. A short path: the name of a Unix socket has at most 107 bytes.
start_cluster() {
  local bin user=postgres
  bin=$(postgres_bin) || { note "PostgreSQL's initdb was not found"; return 1; }
  cluster_dir=$(mktemp -d "$(scratch_parent 2048)/mdg-pg.XXXXXX")
  [ "$(id -u)" -ne 0 ] || chown postgres: "$cluster_dir"
  (
    cd "$cluster_dir" || exit 1
    as_postgres "$bin/initdb" -D "$cluster_dir/data" -U "$user" -A trust -E UTF8 \
      --locale=C.UTF-8 --no-sync >initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }
    as_postgres "$bin/pg_ctl" -D "$cluster_dir/data" -l "$cluster_dir/data/server.log" -w -s \
      -o "-k $cluster_dir -c listen_addresses='' -c max_connections=300 -c fsync=off \
          -c full_page_writes=off -c synchronous_commit=off" start </dev/null ||
      { cat "$cluster_dir/data/server.log" >&2; exit 1; }
  ) || { stop_cluster; return 1; }
  # The folder of the socket stands where a host stands, with its slashes escaped.
  # shellcheck disable=SC2034 # read by the script that includes this file
  cluster_url="postgres://$user@${cluster_dir//\//%2F}/postgres"
}

stop_cluster() {
  [ -n "$cluster_dir" ] || return 0
  if [ -e "$cluster_dir/data/postmaster.pid" ]; then
    (cd / && as_postgres "$(postgres_bin)/pg_ctl" -D "$cluster_dir/data" -m immediate -w -s stop \
      </dev/null) || note "the cluster in $cluster_dir did not stop"
  fi
  rm -rf "$cluster_dir"
  cluster_dir=''
}
