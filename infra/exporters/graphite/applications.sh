# Names of applications: the service that asks this node's ResourceManager for them, where there is one and anybody may ask.
#
# Reads:  SSM_Applications, HOME_DIR, SYSTEMD, file (a file of the document, by its name). Sets: CHANGED, and
#         APPLICATIONS_REASON (why there are none though they are wanted).
# Leaves: $HOME_DIR/application-names.sh, a unit; of that, a page in node_exporter's textfile folder.
APPLICATIONS=$UNIT-applications
APPLICATIONS_PROGRAM=$HOME_DIR/application-names.sh
APPLICATIONS_REASON=''

# applications_apply: after the exporter is in its place. What cannot be done here is no failure of the exporter's.
applications_apply() {
  local WHERE='' WHY SERVICE PROGRAM HARDENING=''
  PROGRAM=$(file application-names.sh)
  [ "$SSM_Applications" != true ] || WHERE=$(timeout 20 bash -c "$PROGRAM" names where || true) # a name server may be dead
  if [[ $WHERE == http* ]]; then
    WHY=$(setpriv --reuid "$(id -u "$UNIT")" --regid "$(id -g "$UNIT")" --clear-groups --inh-caps=-all --no-new-privs \
      timeout 20 bash -c "$PROGRAM" names page "$WHERE" 3>&- 4>&- 9>&- | tail -n 1) || true
    [[ $WHY != *'wants a login' ]] || WHERE="off $WHY"
  fi
  if [[ $WHERE != http* ]]; then
    [ -z "$WHERE" ] || APPLICATIONS_REASON="no names of applications: ${WHERE#off }"
    applications_remove
    return
  fi
  SERVICE=$(file "$APPLICATIONS.service")
  [ "$SYSTEMD" -lt 239 ] || HARDENING=$(file hardening-applications.conf)
  if holds "$APPLICATIONS_PROGRAM" "$PROGRAM" && is_unit "$APPLICATIONS" "$SERVICE" "$HARDENING" &&
    systemctl is-enabled --quiet "$APPLICATIONS.service" && systemctl is-active --quiet "$APPLICATIONS.service"; then return; fi
  CHANGED=true
  replace_file "$APPLICATIONS_PROGRAM" "$PROGRAM"
  put_unit "$APPLICATIONS" "$SERVICE" "$HARDENING"
  label
  systemctl daemon-reload
  systemctl enable "$APPLICATIONS.service"
  systemctl restart "$APPLICATIONS.service"
}

applications_remove() {
  local TRACE TRACES=("$APPLICATIONS_PROGRAM" "/etc/systemd/system/$APPLICATIONS.service" "/etc/systemd/system/$APPLICATIONS.service.d")
  TRACES+=("$BASE/node/textfile/spark-applications.prom" "$BASE/node/textfile/.spark-applications.new")
  for TRACE in "${TRACES[@]}"; do
    [ -e "$TRACE" ] || continue
    CHANGED=true
    remove_unit "$APPLICATIONS"
    rm -f "$APPLICATIONS_PROGRAM.new" "${TRACES[@]}"
    return
  done
}
