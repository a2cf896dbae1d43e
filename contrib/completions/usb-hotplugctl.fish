# SPDX-License-Identifier: LGPL-2.1-or-later
# fish completion for usb-hotplugctl(1)

function __usb_hotplugctl_verbs
    usb-hotplugctl --help 2>/dev/null | string replace -rf '^  ([a-z]+)  +(.*)' '$1\t$2'
end

function __usb_hotplugctl_ports
    usb-hotplugctl list 2>/dev/null | string replace -rf '^([0-9]\S*) +/dev/bus/\S+ +(.*?)( {2,}.*)?$' '$1\t$2'
end

# A disk is named by its node: its port is the USB device's.
function __usb_hotplugctl_devices
    __usb_hotplugctl_ports
    usb-hotplugctl list 2>/dev/null | string replace -rf '^[0-9]\S* +(/dev/(?!bus/)\S+) +(.*?)( {2,}.*)?$' '$1\t$2'
end

function __usb_hotplugctl_guests
    for file in $USB_HOTPLUG_ROOT/{etc,run,usr/lib}/usb-hotplug/*.toml
        set -l name (path basename -E $file 2>/dev/null; or basename $file .toml)
        # Other names are no guests'.
        string match -qr '^[A-Za-z0-9:_.@-]+$' -- $name; and test $name != host; and echo $name
    end
end

# Whether the verb is one of these, and so many words that are neither options nor their values
# stand between it and the cursor; -1 for any number.
function __usb_hotplugctl_at --argument-names count
    set -l words (commandline -opc)
    test (count $words) -gt 1; and contains -- $words[2] $argv[2..-1]; or return 1
    set -l found 0
    set -l skip 0
    for word in $words[3..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word --record --device --by --timeout --from --output --lines
            set skip 1
        else if not string match -q -- '-*' $word
            set found (math $found + 1)
        end
    end
    test $count = -1; or test $found = $count
end

function __usb_hotplugctl_no_verb
    test (count (commandline -opc)) = 1
end

set -l every list tree guests status log monitor check explain rule learn attach detach pause resume import
set -l shown list tree guests status log check explain

complete -c usb-hotplugctl -f
complete -c usb-hotplugctl -s h -l help -d 'Show a short help'
complete -c usb-hotplugctl -n __usb_hotplugctl_no_verb -l version -d 'Show the version'
complete -c usb-hotplugctl -n __usb_hotplugctl_no_verb -a '(__usb_hotplugctl_verbs)'
complete -c usb-hotplugctl -n "__usb_hotplugctl_at -1 $every" -l json -d 'Print JSON'
complete -c usb-hotplugctl -n "__usb_hotplugctl_at -1 $shown" -l no-pager -d 'Print to the terminal as it is'
complete -c usb-hotplugctl -n '__usb_hotplugctl_at -1 detach' -l force -d 'Take a disk even from a guest that does not let go of it'
complete -c usb-hotplugctl -n '__usb_hotplugctl_at -1 log' -l lines -x -a '10 100 1000' -d 'No more than so many'
complete -c usb-hotplugctl -n '__usb_hotplugctl_at -1 explain' -l record -r -F -d 'Describe the device in this file'
complete -c usb-hotplugctl -n '__usb_hotplugctl_at -1 explain' -l device -r -F -d 'Decide about the device in this file'
complete -c usb-hotplugctl -n '__usb_hotplugctl_at -1 rule learn' -l by -x -a 'port id serial' -d 'Tell the device by this'
complete -c usb-hotplugctl -n '__usb_hotplugctl_at -1 rule learn' -l wait -d 'Take the next device that is plugged in'
complete -c usb-hotplugctl -n '__usb_hotplugctl_at -1 rule learn' -l timeout -x -a '30s 1min 5min' -d 'Wait no longer than this'
complete -c usb-hotplugctl -n '__usb_hotplugctl_at -1 import' -l from -x -a 'vhotplug libvirt-usb-hotplug usb-serial udev' -d 'What it is'
complete -c usb-hotplugctl -n '__usb_hotplugctl_at -1 import' -l output -x -a '(__fish_complete_directories)' -d 'Write a file for each guest here'
complete -c usb-hotplugctl -n '__usb_hotplugctl_at -1 import' -F
complete -c usb-hotplugctl -n '__usb_hotplugctl_at 0 status log explain attach detach' -a '(__usb_hotplugctl_devices)'
complete -c usb-hotplugctl -n '__usb_hotplugctl_at 0 rule' -a '(__usb_hotplugctl_ports)'
complete -c usb-hotplugctl -n '__usb_hotplugctl_at 1 learn' -a '(__usb_hotplugctl_ports)'
complete -c usb-hotplugctl -n '__usb_hotplugctl_at 0 log learn pause resume' -a '(__usb_hotplugctl_guests)'
complete -c usb-hotplugctl -n '__usb_hotplugctl_at 1 attach' -a '(__usb_hotplugctl_guests)'
