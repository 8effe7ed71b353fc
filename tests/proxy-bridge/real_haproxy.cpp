#include "tests/proxy-bridge/real_haproxy.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <utility>
#include <variant>

#include <sys/socket.h>
#include <sys/un.h>

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;

constexpr const char* kProgram = "/usr/sbin/haproxy";

std::string make_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "haguard-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::runtime_error("mkdtemp");
  }
  return name;
}

std::string configuration(const std::string& admin_socket, const std::string& global) {
  return "global\n  stats socket " + admin_socket + " mode 600 level admin\n  maxconn 200\n" +
         global +
         "\ndefaults\n  mode http\n  timeout connect 1s\n  timeout client 5s\n"
         "  timeout server 5s\n"
         "frontend fe\n  bind 127.0.0.1:8080\n  default_backend be\n"
         "backend be\n  server one 127.0.0.1:8081\n";
}

int connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(socket);
    return -1;
  }
  return socket;
}

template <typename Done>
void wait_until(Done done, const char* what) {
  const Instant end = boot_time() + 10s;
  while (!done()) {
    if (boot_time() > end) {
      throw std::runtime_error(std::string("waited in vain: ") + what);
    }
    std::this_thread::sleep_for(2ms);
  }
}

}  // namespace

Instant boot_time() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return Instant(std::chrono::duration_cast<Duration>(std::chrono::seconds(now.tv_sec) +
                                                      std::chrono::nanoseconds(now.tv_nsec)));
}

bool exists(pid_t pid) {
  return ::kill(pid, 0) == 0;
}

RealHaproxy::RealHaproxy(const std::string& global) : directory_(make_directory()) {
  settings_.admin_socket = path("admin.sock");
  settings_.master_socket = path("master.sock");
  settings_.pid_file = path("pid");
  std::ofstream(path("haproxy.cfg")) << configuration(settings_.admin_socket, global);
  std::signal(SIGCHLD, SIG_IGN);
}

RealHaproxy::~RealHaproxy() {
  if (master_ != 0 && exists(master_)) {
    ::kill(master_, SIGKILL);  // its workers see the end of their socket pair and leave
  }
  std::filesystem::remove_all(directory_);
}

void RealHaproxy::start() {
  master_ = ::fork();
  if (master_ == 0) {
    std::signal(SIGCHLD, SIG_DFL);
    const int log = ::open(path("log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execl(kProgram, kProgram, "-W", "-db", "-f", path("haproxy.cfg").c_str(), "-S",
            settings_.master_socket.c_str(), "-p", settings_.pid_file.c_str(), nullptr);
    std::_Exit(127);
  }
  wait_until(
      [this] {
        const int socket = connect();
        ::close(socket);
        return socket >= 0;
      },
      "the stats socket");
}

void RealHaproxy::stop() {
  const pid_t ending = std::exchange(master_, 0);
  ::kill(ending, SIGTERM);
  wait_until([ending] { return !exists(ending); }, "the end of the master");
}

void RealHaproxy::break_configuration() const {
  std::ofstream(path("haproxy.cfg"), std::ios::app) << "  nonsense\n";
}

void RealHaproxy::reload() const {
  const int socket = connect_to(settings_.master_socket);
  std::array<char, 4096> reply{};
  ::write(socket, "reload\n", 7);
  while (::read(socket, reply.data(), reply.size()) > 0) {
  }
  ::close(socket);
}

int RealHaproxy::connect(const std::string& command) const {
  const int socket = connect_to(settings_.admin_socket);
  if (socket >= 0 && !command.empty()) {
    ::write(socket, command.data(), command.size());
  }
  return socket;
}

RealMonitor::RealMonitor(const conf::Haproxy& settings)
    : monitor_(settings, {"be"}),
      cli_(io_, settings, [this](const Event& event) { tell(event); }),
      processes_(io_, settings.pid_file, [this](const Event& event) { tell(event); }) {
  std::vector<Action> out;
  monitor_.start(boot_time(), out);
  perform(out);
}

std::vector<Status> RealMonitor::take_history() {
  return std::exchange(history_, {condition().status});
}

void RealMonitor::turn(Instant end) {
  const Instant next = std::min(end, monitor_.next_deadline());
  io_.restart();
  io_.run_one_for(std::max(next - boot_time(), Duration(0)));
  while (io_.poll_one() > 0) {
  }
  std::vector<Action> out;
  monitor_.advance(boot_time(), out);
  perform(out);
}

void RealMonitor::tell(const Event& event) {
  std::vector<Action> out;
  monitor_.handle(event, boot_time(), out);
  perform(out);
}

void RealMonitor::perform(const std::vector<Action>& actions) {
  for (const Action& action : actions) {
    if (const auto* ask = std::get_if<Ask>(&action)) {
      cli_.ask(ask->line, ask->command, ask->question);
    } else if (const auto* hang_up = std::get_if<HangUp>(&action)) {
      cli_.hang_up(hang_up->line);
    } else if (std::holds_alternative<ReadPidFile>(action)) {
      processes_.read_pid_file();
    } else if (const auto* watch = std::get_if<WatchProcess>(&action)) {
      processes_.watch(watch->pid);
    } else if (const auto* forget = std::get_if<ForgetProcess>(&action)) {
      processes_.forget(forget->pid);
    }
  }
  if (history_.back() != condition().status) {
    history_.push_back(condition().status);
  }
}

}  // namespace haguard::proxy
