# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion for usb-hotplugctl(1)

_usb_hotplugctl_ports() {
    usb-hotplugctl list 2>/dev/null | while read -r port _; do
        [[ $port != [0-9]* ]] || echo "$port"
    done
}

_usb_hotplugctl_guests() {
    local file
    for file in {/etc,/run,/usr/lib}/usb-hotplug/*.toml; do
        [[ ! -e $file || $file == */host.toml ]] || basename "$file" .toml
    done
}

_usb_hotplugctl() {
    local words=
    case $COMP_CWORD in
        1) words='list check explain attach detach --help --version' ;;
        2) case ${COMP_WORDS[1]} in
            check) words='--json' ;;
            explain | attach | detach) words=$(_usb_hotplugctl_ports) ;;
            esac ;;
        3) [[ ${COMP_WORDS[1]} != attach ]] || words=$(_usb_hotplugctl_guests) ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")
}

complete -F _usb_hotplugctl usb-hotplugctl
