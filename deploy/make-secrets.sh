#!/bin/sh
# Makes the secrets of compose.yaml in ./secrets, those that are not there yet. Back up clinch-master-key, and not in the
# same place as the database: without it what is sealed in there is lost, with both it is anybody's.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
# Nobody else on the machine looks into the folder; the files are read in containers, by users of another number.
chmod 700 secrets
umask 022

# make NAME VALUE: a file that has something in it stays as it is, and none is ever there half written.
make() {
  if [ -s "secrets/$1" ]; then return; fi
  printf '%s\n' "$2" > "secrets/$1.new"
  mv "secrets/$1.new" "secrets/$1"
  echo "made secrets/$1"
}

# Assigned one by one: where openssl fails, so does this, before anything is written.
master_key=$(openssl rand -base64 32)
admin_secret=$(openssl rand -hex 24)
database_password=$(openssl rand -hex 24)
for value in "$master_key" "$admin_secret" "$database_password"; do
  [ -n "$value" ] || { echo 'openssl rand printed nothing' >&2; exit 1; }
done

make clinch-master-key "$master_key"
make clinch-admin-client-secret "$admin_secret"
make database-password "$database_password"
make database-url "postgres://clinch:$(cat secrets/database-password)@database:5432/clinch"
