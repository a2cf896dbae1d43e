// SPDX-License-Identifier: LGPL-2.1-or-later

#include "guest/qmp_contact.h"

#include "base/text.h"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace usb_hotplug {

namespace {

Result<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address = {};
    if (path.size() >= sizeof address.sun_path) {
        return fail("The path of the QMP socket " + printable(path) + " is too long", ENAMETOOLONG);
    }
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

tl::unexpected<Error> refused(const std::string& path, int error) {
    const std::string what = "Cannot connect to the QMP socket " + printable(path) + ": ";
    if (error == EACCES) {
        return fail(what + "permission denied. Without capabilities even root needs the group's or "
                           "everybody's right to write to it; see QEMU in usb-hotplug.toml(5)",
                    error);
    }
    return fail(what + (error == ENOTSOCK ? "it is no socket" : std::strerror(error)), error);
}

/// Of the process that has called listen(2) (unix(7)).
pid_t listener_of(int socket) {
    ucred peer = {};
    socklen_t length = sizeof peer;
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 ? peer.pid : 0;
}

} // namespace

Result<QmpContact> contact_qmp(const std::string& path) {
    const auto address = address_of(path);
    if (!address) {
        return fail(address.error().message, address.error().code);
    }
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) {
        return refused(path, errno);
    }
    QmpContact found;
    struct stat status = {};
    const bool exists = stat(path.c_str(), &status) == 0;
    found.identity = exists ? status.st_ino : 0;
    const int error =
        connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0
            ? 0
            : errno;
    switch (error) {
    case 0:
        found.kind = QmpContact::Reached;
        found.pid = listener_of(socket.get());
        found.socket = std::move(socket);
        return found;
    case EAGAIN:
        found.kind = QmpContact::Queued;
        return found;
    case ECONNREFUSED:
        // Also the answer of what is no socket at all.
        if (exists && !S_ISSOCK(status.st_mode)) {
            return refused(path, ENOTSOCK);
        }
        return found;
    case ENOENT:
    case ENOTDIR:
        return found;
    default:
        return refused(path, error);
    }
}

} // namespace usb_hotplug
