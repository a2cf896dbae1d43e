// SPDX-License-Identifier: LGPL-2.1-or-later

#include "guest/fake_qemu.h"

#include <algorithm>
#include <cstring>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>

namespace usb_hotplug::test {

using nlohmann::json;

namespace {

const json nothing = json::object();

/// Receives what is there, and a descriptor that comes with it.
ssize_t receive(int socket, std::string& bytes, int& fd) {
    std::array<char, 4096> buffer;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof fd)> control = {};
    iovec part = {buffer.data(), buffer.size()};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t count = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (count > 0) {
        bytes.append(buffer.data(), static_cast<std::size_t>(count));
    }
    if (const cmsghdr* header = count > 0 ? CMSG_FIRSTHDR(&message) : nullptr) {
        std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    }
    return count;
}

bool is_readable(int fd) {
    pollfd poll_fd = {fd, POLLIN, 0};
    return poll(&poll_fd, 1, 10) > 0;
}

json entry(const std::string& name, const std::string& type) {
    return {{"name", name}, {"type", type}};
}

} // namespace

FakeQemu::FakeQemu(std::string path) : path_(std::move(path)) {}

void FakeQemu::start() {
    socket_.reset(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    if (bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
        listen(socket_.get(), 1) < 0) {
        throw std::runtime_error(std::strerror(errno));
    }
    thread_ = std::thread([this] { serve(); });
}

FakeQemu::~FakeQemu() {
    ends_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
}

void FakeQemu::serve() {
    while (!ends_) {
        if (is_readable(socket_.get())) {
            const UniqueFd client(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            talk(client.get());
        }
    }
}

void FakeQemu::talk(int client) {
    send(client, greeting.empty() ? "" : greeting + "\r\n");
    std::string bytes;
    int fd = -1;
    while (!ends_) {
        const ssize_t count = is_readable(client) ? receive(client, bytes, fd) : 1;
        if (count <= 0) {
            return;
        }
        for (std::size_t end = bytes.find('\n'); end != std::string::npos; end = bytes.find('\n')) {
            const json request = json::parse(bytes.substr(0, end));
            bytes.erase(0, end + 1);
            if (!answer(client, request, fd)) {
                return;
            }
        }
    }
}

/// False when the connection ends.
bool FakeQemu::answer(int client, const json& request, int fd) {
    const std::lock_guard guard(lock);
    requests_.push_back(request);
    const auto command = request.at("execute").get<std::string>();
    if (hangs_up.contains(command)) {
        return false;
    }
    std::this_thread::sleep_for(delay);
    send(client, between);
    if (raw.contains(command)) {
        send(client, raw.at(command));
    } else if (!silent.contains(command)) {
        json reply =
            refuse.contains(command)
                ? json{{"error", {{"class", "GenericError"}, {"desc", refuse.at(command)}}}}
                : value_of(request, fd);
        reply["id"] = request.at("id");
        send(client, reply.dump() + "\r\n");
    }
    const bool gone = command == "device_del" && !keeps_devices && !silent.contains(command) &&
                      std::erase(peripheral, request["arguments"]["id"].get<std::string>()) > 0;
    if (gone) {
        send(client,
             json{{"event", "DEVICE_DELETED"}, {"data", {{"device", request["arguments"]["id"]}}}}
                     .dump() +
                 "\r\n");
    }
    return true;
}

json FakeQemu::value_of(const json& request, int fd) {
    const auto command = request.at("execute").get<std::string>();
    const json& arguments = request.at("arguments");
    if (command == "qom-list") {
        return {{"return", objects_at(arguments.at("path"))}};
    }
    if (command == "qom-get") {
        const auto found = properties.find(arguments.at("property"));
        return {{"return", found == properties.end() ? json(ports) : found->second}};
    }
    if (command == "add-fd") {
        std::array<char, 64> content = {};
        const ssize_t count = pread(fd, content.data(), content.size(), 0);
        passed_.assign(content.data(), count < 0 ? 0 : static_cast<std::size_t>(count));
        return {{"return", {{"fdset-id", 3}, {"fd", fd}}}};
    }
    return command == "device_add" ? add_device(arguments) : json{{"return", nothing}};
}

json FakeQemu::objects_at(const std::string& path) {
    json objects = json::array({entry("type", "string")});
    if (path == "/machine/peripheral") {
        for (const std::string& id : peripheral) {
            objects.push_back(entry(id, "child<usb-host>"));
        }
        if (ports > 0) {
            objects.push_back(entry("usb", "child<qemu-xhci>"));
        }
    } else if (path == "/machine/unattached") {
        objects.push_back(entry("device[1]", "child<ich9-ahci>"));
    } else if (path == "/machine/peripheral/usb") {
        objects.push_back(entry("usb.0", "child<usb-bus>"));
    } else if (path == "/machine/peripheral/usb/usb.0") {
        std::size_t number = 0;
        for (const std::string& id : peripheral) {
            objects.push_back(entry("child[" + std::to_string(number++) + "]", "link<" + id + ">"));
        }
        for (const std::string& type : on_bus) {
            objects.push_back(
                entry("child[" + std::to_string(number++) + "]", "link<" + type + ">"));
        }
    }
    return objects;
}

json FakeQemu::add_device(const json& arguments) {
    if (arguments.contains("port") && taken_ports.contains(arguments.at("port"))) {
        return {{"error", {{"class", "GenericError"}, {"desc", "usb port not found (in use?)"}}}};
    }
    peripheral.push_back(arguments.at("id"));
    return {{"return", nothing}};
}

void FakeQemu::send(int client, const std::string& text) const {
    const std::size_t step = piece == 0 ? std::max<std::size_t>(text.size(), 1) : piece;
    for (std::size_t at = 0; at < text.size(); at += step) {
        const std::string part = text.substr(at, step);
        std::size_t done = 0;
        while (done < part.size() && !ends_) {
            const ssize_t sent =
                ::send(client, part.data() + done, part.size() - done, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0 && errno != EAGAIN) {
                return;
            }
            done += sent < 0 ? 0 : static_cast<std::size_t>(sent);
            if (piece != 0 || sent < 0) {
                std::this_thread::sleep_for(std::chrono::microseconds(200));
            }
        }
    }
}

std::vector<json> FakeQemu::requests() {
    const std::lock_guard guard(lock);
    return requests_;
}

std::vector<std::string> FakeQemu::commands() {
    std::vector<std::string> names;
    for (const json& request : requests()) {
        names.push_back(request.at("execute"));
    }
    return names;
}

std::string FakeQemu::passed() {
    const std::lock_guard guard(lock);
    return passed_;
}

std::string device_folder(const TemporaryFolder& folder) {
    // Length, type, USB 2.0, class, subclass, protocol, packet size; vendor, product; the rest.
    (void)folder.write("usb/001/005", std::string("\x12\x01\x00\x02\x00\x00\x00\x08"
                                                  "\x6d\x04\x77\xc0\x00\x01\x01\x02\x00\x01",
                                                  18));
    return folder / "usb";
}

QmpSettings quick(const TemporaryFolder& folder) {
    using std::chrono::milliseconds;
    return {milliseconds(500), milliseconds(1500), milliseconds(50), milliseconds(1000),
            device_folder(folder)};
}

std::unique_ptr<Backend> backend_at(const std::string& path, const QmpSettings& settings,
                                    sd_event* event) {
    return make_qmp_backend({BackendKind::Qmp, path, ""}, event, settings);
}

} // namespace usb_hotplug::test
