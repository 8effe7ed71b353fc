// Open-loop HTTP prober: a new HTTP/1.0 request on a new TCP connection at every tick of a fixed
// schedule, whatever became of the ones before, so an outage is seen in full and not through the
// eyes of a client that waits. One JSON line per request, in the order of their ends; times are
// microseconds of CLOCK_BOOTTIME, which tests and packet captures can read too.

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <signal.h>
#include <string>
#include <string_view>
#include <strings.h>
#include <system_error>
#include <time.h>
#include <tuple>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include "tests/bench/prober_options.h"

namespace haguard::bench {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::int64_t now_us() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

/// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int fd, const char* what) : fd_(fd) {
    if (fd_ < 0) {
      fail(what);
    }
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

struct Request {
  Request(std::int64_t n, int fd) : number(n), socket(fd, "socket") {}

  std::int64_t number;
  Descriptor socket;
  std::int64_t sent = 0;
  std::int64_t connected = 0;  ///< 0: never
  std::string reply;
};

std::string_view status_of_error(int error) {
  switch (error) {
    case ECONNREFUSED:
      return "refused";
    case ECONNRESET:
    case EPIPE:
      return "reset";
    case ETIMEDOUT:
      return "timeout";
    default:
      return "unreachable";
  }
}

/// The value of X-Served-By, reduced to what needs no escaping in JSON.
std::string served_by(std::string_view reply) {
  constexpr std::string_view kHeader = "x-served-by:";
  const std::string_view head = reply.substr(0, reply.find("\r\n\r\n"));
  for (std::size_t line = head.find("\r\n"); line != std::string_view::npos;
       line = head.find("\r\n", line)) {
    line += 2;
    if (strncasecmp(head.data() + line, kHeader.data(),
                    std::min(kHeader.size(), head.size() - line)) != 0) {
      continue;
    }
    std::string value;
    for (const char c : head.substr(line + kHeader.size(), head.find("\r\n", line) - line)) {
      if (c == '\r') {
        break;
      }
      if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.') {
        value += c;
      }
    }
    return value;
  }
  return {};
}

/// Of a reply that has ended.
std::string_view judge(std::string_view reply) {
  if (reply.find("\r\n\r\n") == std::string_view::npos) {
    return "eof";
  }
  constexpr std::size_t kVersion = 8;  // "HTTP/1.1"
  return reply.substr(kVersion, 4) == " 200" ? "ok" : "error";
}

class Prober {
 public:
  explicit Prober(const Options& options)
      : options_(options),
        epoll_(epoll_create1(EPOLL_CLOEXEC), "epoll_create1"),
        timer_(timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create"),
        signals_(make_signals(), "signalfd"),
        output_(std::fopen(options.output.c_str(), "we"), &std::fclose) {
    if (!output_) {
      fail(options.output.c_str());
    }
    watch(timer_.get(), EPOLLIN);
    watch(signals_.get(), EPOLLIN);
  }

  void run() {
    start_ = now_us();
    const std::int64_t end = start_ + options_.duration.count();
    while (!stopping_ || !open_.empty()) {
      const std::int64_t now = now_us();
      stopping_ = stopping_ || now >= end;
      // Every tick that has passed gets its request, also after this process was held up.
      while (!stopping_ && next_tick() <= now) {
        launch();
      }
      expire(now);
      arm();
      wait();
    }
  }

  void summary() const {
    std::fprintf(stderr, "%lld requests:", static_cast<long long>(launched_));
    for (const auto& [status, count] : counts_) {
      std::fprintf(stderr, " %s %llu", status.c_str(), static_cast<unsigned long long>(count));
    }
    std::fputc('\n', stderr);
  }

 private:
  static int make_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  }

  [[nodiscard]] std::int64_t next_tick() const {
    return start_ + launched_ * options_.interval.count();
  }

  void watch(int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
      fail("epoll_ctl");
    }
  }

  void launch() {
    auto request = std::make_unique<Request>(
        launched_++,
        socket(options_.target.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int fd = request->socket.get();
    request->sent = now_us();
    const auto* address = reinterpret_cast<const sockaddr*>(&options_.target);
    if (connect(fd, address, options_.target_size) != 0 && errno != EINPROGRESS) {
      record(*request, status_of_error(errno));
      return;
    }
    watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
    deadlines_.emplace_back(request->sent + options_.timeout.count(), fd, request->number);
    open_.emplace(fd, std::move(request));
  }

  /// All requests have the same time limit, so the oldest comes first.
  void expire(std::int64_t now) {
    while (!deadlines_.empty() && deadlines_.front().at <= now) {
      const Deadline due = deadlines_.front();
      deadlines_.pop_front();
      const auto found = open_.find(due.fd);
      if (found != open_.end() && found->second->number == due.number) {
        finish(due.fd, "timeout");
      }
    }
  }

  void arm() {
    std::int64_t next = INT64_MAX;
    if (!stopping_) {
      next = next_tick();
    }
    if (!deadlines_.empty()) {
      next = std::min(next, deadlines_.front().at);
    }
    if (next == INT64_MAX) {
      return;
    }
    itimerspec when{};
    when.it_value.tv_sec = next / 1'000'000;
    when.it_value.tv_nsec = next % 1'000'000 * 1000;
    timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
  }

  void wait() {
    if (stopping_ && open_.empty()) {
      return;
    }
    std::array<epoll_event, 64> events{};
    const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      std::array<char, 256> ignored{};
      if (event.data.fd == timer_.get()) {
        std::ignore = read(timer_.get(), ignored.data(), ignored.size());
      } else if (event.data.fd == signals_.get()) {
        std::ignore = read(signals_.get(), ignored.data(), ignored.size());
        stopping_ = true;
      } else {
        progress(event.data.fd, event.events);
      }
    }
  }

  void progress(int fd, std::uint32_t events) {
    const auto found = open_.find(fd);
    if (found == open_.end()) {
      return;
    }
    Request& request = *found->second;
    if (request.connected == 0) {
      int error = 0;
      socklen_t size = sizeof error;
      getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error != 0) {
        finish(fd, status_of_error(error));
        return;
      }
      if ((events & EPOLLOUT) == 0) {
        return;
      }
      ask(request);
    }
    if (const auto status = read_reply(request)) {
      finish(fd, *status);
    }
  }

  void ask(Request& request) {
    constexpr std::string_view kQuestion = "GET / HTTP/1.0\r\nHost: haguard.example\r\n\r\n";
    const int fd = request.socket.get();
    request.connected = now_us();
    std::ignore = send(fd, kQuestion.data(), kQuestion.size(), MSG_NOSIGNAL);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP;
    event.data.fd = fd;
    epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
  }

  static std::optional<std::string_view> read_reply(Request& request) {
    constexpr std::size_t kLargestReply = 65536;
    std::array<char, 4096> buffer{};
    while (true) {
      const ssize_t got = recv(request.socket.get(), buffer.data(), buffer.size(), 0);
      if (got < 0) {
        if (errno == EAGAIN) {
          return std::nullopt;
        }
        return status_of_error(errno);
      }
      if (got == 0) {
        return judge(request.reply);
      }
      if (request.reply.size() < kLargestReply) {
        request.reply.append(buffer.data(), static_cast<std::size_t>(got));
      }
    }
  }

  void finish(int fd, std::string_view status) {
    const auto found = open_.find(fd);
    record(*found->second, status);
    open_.erase(found);
  }

  void record(const Request& request, std::string_view status) {
    ++counts_[std::string(status)];
    std::fprintf(output_.get(),
                 "{\"n\": %lld, \"sent_us\": %lld, \"connected_us\": %lld, \"done_us\": %lld, "
                 "\"status\": \"%.*s\", \"server\": \"%s\"}\n",
                 static_cast<long long>(request.number), static_cast<long long>(request.sent),
                 static_cast<long long>(request.connected), static_cast<long long>(now_us()),
                 static_cast<int>(status.size()), status.data(), served_by(request.reply).c_str());
    std::fflush(output_.get());
  }

  struct Deadline {
    Deadline(std::int64_t when, int descriptor, std::int64_t n)
        : at(when), fd(descriptor), number(n) {}
    std::int64_t at;
    int fd;
    std::int64_t number;  ///< descriptors are used again: the request that it was set for
  };

  Options options_;
  Descriptor epoll_;
  Descriptor timer_;
  Descriptor signals_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> output_;
  std::int64_t start_ = 0;
  std::int64_t launched_ = 0;
  bool stopping_ = false;
  std::map<int, std::unique_ptr<Request>> open_;
  std::deque<Deadline> deadlines_;
  std::map<std::string, std::uint64_t> counts_;
};

}  // namespace
}  // namespace haguard::bench

int main(int argc, char** argv) {
  using namespace haguard::bench;
  try {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    Prober prober(parse(argc, argv));
    prober.run();
    prober.summary();
  } catch (const Usage& problem) {
    std::fprintf(stderr,
                 "prober: %s\nusage: prober --target ADDRESS:PORT --output FILE [--interval 5ms] "
                 "[--duration 10s] [--timeout 2s]\n",
                 problem.what());
    return 2;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "prober: %s\n", problem.what());
    return 1;
  }
  return 0;
}
