# SPDX-License-Identifier: LGPL-2.1-or-later
# bash completion for usb-hotplugctl(1)

_usb_hotplugctl_ports() {
    usb-hotplugctl list 2>/dev/null | while read -r port _; do
        [[ $port != [0-9]* ]] || echo "$port"
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

_usb_hotplugctl() {
    local words=
    case $COMP_CWORD in
        1) words='list check explain attach detach --help --version' ;;
        2) case ${COMP_WORDS[1]} in
            explain | attach | detach) words="$(_usb_hotplugctl_ports) --help" ;;
            list) words=--help ;;
            check) words='--json --help' ;;
            esac ;;
        3) [[ ${COMP_WORDS[1]} != attach ]] || words=$(_usb_hotplugctl_guests) ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")
}

complete -F _usb_hotplugctl usb-hotplugctl
