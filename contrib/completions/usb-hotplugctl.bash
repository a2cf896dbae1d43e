# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion for usb-hotplugctl(1)

_usb_hotplugctl_ports() {
    usb-hotplugctl list 2>/dev/null | while read -r port node _; do
        [[ $node != /dev/bus/* ]] || echo "$port"
    done
}

# A disk is named by its node: its port is the USB device's.
_usb_hotplugctl_devices() {
    usb-hotplugctl list 2>/dev/null | while read -r port node _; do
        case $node in
            /dev/bus/*) echo "$port" ;;
            /dev/*) echo "$node" ;;
        esac
    done
}

_usb_hotplugctl_guests() {
    local file name
    for file in "${USB_HOTPLUG_ROOT-}"/{etc,run,usr/lib}/usb-hotplug/*.toml; do
        name=$(basename "$file" .toml)
        # Other names are no guests'; compgen would run what is in them.
        [[ ! -e $file || $name == host || $name == *[!A-Za-z0-9:_.@-]* ]] || echo "$name"
    done
}

# The words after the verb that are neither options nor their values, without the current one.
_usb_hotplugctl_count() {
    local i count=0
    for ((i = 2; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --record | --device | --by | --timeout | --from | --output | --lines) ((i++)) ;;
            -*) ;;
            *) ((count++)) ;;
        esac
    done
    echo "$count"
}

_usb_hotplugctl() {
    local words= current=${COMP_WORDS[COMP_CWORD]}
    if ((COMP_CWORD > 1)); then
        case ${COMP_WORDS[COMP_CWORD - 1]} in
            --record | --device)
                compopt -o filenames
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
                return
                ;;
            --output)
                compopt -o filenames
                mapfile -t COMPREPLY < <(compgen -d -- "$current")
                return
                ;;
            --from) words='vhotplug libvirt-usb-hotplug usb-serial udev' ;;
            --lines) words='10 100 1000' ;;
            --by) words='port id serial' ;;
            --timeout) words='30s 1min 5min' ;;
        esac
    fi
    if ((COMP_CWORD == 1)); then
        words='list tree guests status log monitor check explain rule learn attach detach pause resume import --help --version'
    elif [[ -z $words && $current == -* ]]; then
        case ${COMP_WORDS[1]} in
            list | tree | guests | status | check) words='--json --no-pager' ;;
            log) words='--json --no-pager --lines' ;;
            detach) words='--json --force' ;;
            monitor | attach | pause | resume) words=--json ;;
            explain) words='--json --no-pager --record --device' ;;
            rule | learn) words='--json --by --wait --timeout' ;;
            import) words='--json --from --output' ;;
        esac
        words+=' --help'
    elif [[ -z $words && ${COMP_WORDS[1]} == import ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
    elif [[ -z $words ]]; then
        case ${COMP_WORDS[1]},$(_usb_hotplugctl_count) in
            explain,0 | status,0 | attach,0 | detach,0) words=$(_usb_hotplugctl_devices) ;;
            rule,0 | learn,1) words=$(_usb_hotplugctl_ports) ;;
            log,0) words="$(_usb_hotplugctl_devices) $(_usb_hotplugctl_guests)" ;;
            learn,0 | attach,1 | pause,0 | resume,0) words=$(_usb_hotplugctl_guests) ;;
        esac
        ((COMP_CWORD > 2)) || words+=' --help'
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _usb_hotplugctl usb-hotplugctl
