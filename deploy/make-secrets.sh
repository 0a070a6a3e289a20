#!/bin/sh
# Makes the secrets of compose.yaml in ./secrets, those that are not there yet. Back up clinch-master-key, and not in the
# same place as the database: without it what is sealed in there is lost, with both it is anybody's.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
# Nobody else on the machine looks into the folder; the files are read in containers, by users of another number.
chmod 700 secrets
umask 022

make() {
  [ -e "secrets/$1" ] || { cat > "secrets/$1" && echo "made secrets/$1"; }
}

openssl rand -base64 32 | make clinch-master-key
openssl rand -hex 24 | make clinch-admin-client-secret
openssl rand -hex 24 | make database-password
printf 'postgres://clinch:%s@database:5432/clinch\n' "$(cat secrets/database-password)" | make database-url
