# shellcheck shell=bash
# A private nginx: in the foreground, with settings and files below one folder, no system service.

# write_proxy_settings FOLDER PORT TLS-PORT SERVER..: the block of docs/installing.md, but over
# plain HTTP, and each request goes to the next server in turn, wherever the one before went.
write_proxy_settings() {
  local folder=$1 port=$2 tls_port=$3
  shift 3
  mkdir -p "$folder/temp"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,DNS:localhost \
    -keyout "$folder/key.pem" -out "$folder/certificate.pem" 2>"$folder/openssl.txt" ||
    { cat "$folder/openssl.txt" >&2; return 1; }
  {
    proxy_frame "$folder"
    proxy_upstream "$@"
    printf 'server {\nlisten 127.0.0.1:%s;\n' "$port"
    proxy_common
    proxy_portal
    printf '}\nserver {\nlisten 127.0.0.1:%s ssl http2;\n' "$tls_port"
    printf 'ssl_certificate "%s/certificate.pem";\nssl_certificate_key "%s/key.pem";\n' \
      "$folder" "$folder"
    proxy_common
    proxy_certificates
    printf '}\n}\n'
  } >"$folder/nginx.conf"
}

# Everything that nginx would otherwise write elsewhere. One worker, so that the turns are one row.
proxy_frame() {
  local name
  cat <<END
daemon off;
worker_processes 1;
pid "$1/nginx.pid";
error_log "$1/error.log";
events { worker_connections 512; }
http {
log_format answers '\$request_method \$status \$upstream_addr';
access_log "$1/access.log" answers;
END
  for name in client_body proxy fastcgi uwsgi scgi; do
    printf '%s_temp_path "%s/temp/%s";\n' "$name" "$1" "$name"
  done
}

proxy_upstream() {
  local server
  printf 'upstream madoguchi {\n'
  for server in "$@"; do printf 'server %s max_fails=1 fail_timeout=5s;\n' "$server"; done
  printf 'keepalive 32;\nkeepalive_timeout 3s;\n}\n'
}

# For both listeners. The ports are not those that a browser leaves out, so Host keeps them.
proxy_common() {
  cat <<'END'
server_tokens off;
gzip off;
client_body_timeout 60s;
proxy_connect_timeout 2s;
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_set_header Host $http_host;
proxy_set_header X-Forwarded-For $remote_addr;
location ~ ^/(healthz|readyz|metrics)$ { return 404; }
END
}

proxy_portal() {
  cat <<'END'
client_max_body_size 64k;
proxy_read_timeout 120s;
proxy_set_header Client-Cert "";
location / { proxy_pass http://madoguchi; }
location ~ ^/[a-z0-9-]+/(files/upload|external/send)$ {
    client_max_body_size 131m;
    proxy_request_buffering off;
    proxy_read_timeout 300s;
    proxy_pass http://madoguchi;
}
location ~ ^/[a-z0-9-]+/files/(check|[0-9]+/rows)$ {
    client_max_body_size 13m;
    proxy_request_buffering off;
    proxy_pass http://madoguchi;
}
location ~ ^/[a-z0-9-]+/staff(/|$) {
    allow 127.0.0.0/8;
    deny all;
    client_max_body_size 11m;
    proxy_read_timeout 300s;
    proxy_pass http://madoguchi;
}
END
}

# Where a client certificate is asked for, which goes on in a header.
proxy_certificates() {
  cat <<'END'
ssl_protocols TLSv1.2 TLSv1.3;
ssl_verify_client optional_no_ca;
client_max_body_size 131m;
proxy_request_buffering off;
proxy_read_timeout 300s;
proxy_set_header Client-Cert $ssl_client_escaped_cert;
location / { proxy_pass http://madoguchi; }
location ~ ^/[a-z0-9-]+/staff(/|$) { return 404; }
END
}
