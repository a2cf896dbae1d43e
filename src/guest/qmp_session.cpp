// SPDX-License-Identifier: LGPL-2.1-or-later

#include "guest/qmp_session.h"

#include "base/text.h"
#include "guest/qmp_contact.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <thread>

namespace usb_hotplug {

using nlohmann::json;

namespace {

using Clock = QmpSession::Clock;

/// As many events as can be of interest; a guest may make any number.
constexpr std::size_t deleted_max = 100;

/// Between two tries when the queue at the socket is full. QEMU's has room for two.
constexpr auto queue_pause = std::chrono::milliseconds(20);

/// False when it is time, and nothing has come.
bool wait_for(int socket, short events, Clock::time_point until) {
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        pollfd poll_fd = {socket, events, 0};
        const int ready = poll(&poll_fd, 1, static_cast<int>(std::clamp<long>(left, 0, 1000)));
        if (ready > 0 || (ready < 0 && errno != EINTR)) {
            return true;
        }
        if (left <= 0) {
            return false;
        }
    }
}

/// As sendmsg(2), with a descriptor where there is one.
ssize_t send_some(int socket, std::string_view text, int fd) {
    iovec part = {const_cast<char*>(text.data()), text.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof fd)> control = {};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (fd >= 0) {
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof fd);
        std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

bool may_pass(int error) {
    return error == EAGAIN || error == EINTR;
}

/// Somebody who listens has no room for us: tried again, as each of us is quick.
Result<QmpContact> contact_with_patience(const std::string& path, Clock::time_point until) {
    for (;;) {
        auto contact = contact_qmp(path);
        if (!contact || contact->kind != QmpContact::Queued || Clock::now() >= until) {
            return contact;
        }
        std::this_thread::sleep_for(queue_pause);
    }
}

tl::unexpected<Error> busy(const std::string& path) {
    return fail("QEMU does not greet at " + printable(path) +
                    ": another client has this monitor, which serves one at a time, or QEMU hangs. "
                    "End that client, or give QEMU a -qmp socket for usb-hotplug alone",
                EAGAIN);
}

} // namespace

Result<std::optional<QmpSession>> QmpSession::open(const std::string& path,
                                                   const QmpSettings& settings) {
    const auto start = Clock::now();
    auto contact = contact_with_patience(path, start + settings.greeting);
    if (!contact) {
        return forward(contact);
    }
    if (contact->kind == QmpContact::Nobody) {
        return std::nullopt;
    }
    if (contact->kind == QmpContact::Queued) {
        return busy(path);
    }
    QmpSession session(std::move(contact->socket), path, start + settings.call);
    if (auto ready = session.negotiate(start + settings.greeting); !ready) {
        return forward(ready);
    }
    return std::optional<QmpSession>(std::move(session));
}

tl::unexpected<Error> QmpSession::failure(const std::string& what, int code) const {
    return fail("The QMP monitor at " + printable(path_) + " " + what, code);
}

Result<> QmpSession::negotiate(Clock::time_point greeting_end) {
    auto greeting = receive(greeting_end);
    if (!greeting) {
        return forward(greeting);
    }
    if (!*greeting) {
        return busy(path_);
    }
    if (!(*greeting)->contains("QMP")) {
        return failure("is none: it does not greet as QEMU does", EPROTO);
    }
    auto ready = execute("qmp_capabilities");
    if (!ready) {
        return forward(ready);
    }
    return ready->refused ? failure("does not negotiate: " + ready->reason, EPROTO) : Result<>();
}

Result<> QmpSession::send(std::string_view text, int fd) {
    while (!text.empty()) {
        const ssize_t sent = send_some(socket_.get(), text, fd);
        if (sent < 0 && !may_pass(errno)) {
            return failure("has hung up", ECONNRESET);
        }
        if (sent < 0 && !wait_for(socket_.get(), POLLOUT, end_)) {
            return failure("does not take commands", ETIMEDOUT);
        }
        if (sent > 0) {
            text.remove_prefix(static_cast<std::size_t>(sent));
            fd = -1;
        }
    }
    return {};
}

/// The next message, or nothing when it is time.
Result<std::optional<json>> QmpSession::receive(Clock::time_point until) {
    for (;;) {
        auto message = reader_.next();
        if (!message) {
            return failure("sends " + message.error().message, EPROTO);
        }
        if (*message) {
            return message;
        }
        // Looked at first: a guest that sends without end must not hold us.
        if (Clock::now() >= until || !wait_for(socket_.get(), POLLIN, until)) {
            return std::nullopt;
        }
        std::array<char, 16384> bytes;
        const ssize_t count = recv(socket_.get(), bytes.data(), bytes.size(), 0);
        if (count == 0 || (count < 0 && !may_pass(errno))) {
            return failure("has hung up", ECONNRESET);
        }
        reader_.add({bytes.data(), count < 0 ? 0 : static_cast<std::size_t>(count)});
    }
}

Result<QmpReply> QmpSession::execute(const char* command, json arguments, int fd) {
    const int id = ++last_id_;
    const json request = {{"execute", command}, {"arguments", std::move(arguments)}, {"id", id}};
    if (auto sent = send(request.dump() + "\n", fd); !sent) {
        return forward(sent);
    }
    for (;;) {
        auto message = receive(end_);
        if (!message) {
            return forward(message);
        }
        if (!*message || Clock::now() >= end_) {
            return failure(std::string("does not answer to ") + command, ETIMEDOUT);
        }
        if (auto reply = qmp_reply(**message, id)) {
            return std::move(*reply);
        }
        std::string gone = qmp_deleted_device(**message);
        if (!gone.empty() && deleted_.size() < deleted_max) {
            deleted_.push_back(std::move(gone));
        }
    }
}

Result<bool> QmpSession::wait_deleted(const std::string& id, Clock::time_point until) {
    if (std::find(deleted_.begin(), deleted_.end(), id) != deleted_.end()) {
        return true;
    }
    while (Clock::now() < until) {
        auto message = receive(until);
        if (!message) {
            return forward(message);
        }
        if (*message && qmp_deleted_device(**message) == id) {
            return true;
        }
    }
    return false;
}

} // namespace usb_hotplug
