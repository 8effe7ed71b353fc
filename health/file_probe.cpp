#include "health/file_probe.h"

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <sys/stat.h>

#include "proxy-bridge/tcp_connection.h"

namespace haguard::health {
namespace {

std::string system_reason(int error) {
  return proxy::reason({error, boost::system::system_category()});
}

/// Nothing is known about a file whose directory is gone.
Outcome judge_missing(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path().string();
  struct stat found {};
  if (stat(directory.c_str(), &found) != 0) {
    return {false, "directory " + directory + ": " + system_reason(errno)};
  }
  return {true, {}};
}

/// A look under way. Its thread knows it by the token only: it may be gone.
class FileProbe : public RunningProbe {
 public:
  explicit FileProbe(OnOutcome on_outcome) : on_outcome_(std::move(on_outcome)) {}

  void finish(Outcome outcome) { on_outcome_(std::move(outcome)); }
  [[nodiscard]] std::weak_ptr<FileProbe*> token() const { return self_; }

 private:
  OnOutcome on_outcome_;
  std::shared_ptr<FileProbe*> self_ = std::make_shared<FileProbe*>(this);
};

}  // namespace

Outcome look_up(const std::string& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) == 0) {
    return {false, path + " exists"};
  }
  const int error = errno;
  return error == ENOENT ? judge_missing(path) : Outcome{false, path + ": " + system_reason(error)};
}

/// Shared with its thread, which may outlive everything else.
class FileProbes::Worker : public std::enable_shared_from_this<Worker> {
 public:
  Worker(boost::asio::io_context& io, Look look) : io_(&io), look_(std::move(look)) {}

  void add(std::string path, std::weak_ptr<FileProbe*> probe) {
    const std::lock_guard lock(mutex_);
    // What was cancelled while the thread is stuck must not pile up.
    std::erase_if(jobs_, [](const Job& job) { return job.probe.expired(); });
    const Job& job = jobs_.emplace_back(Job{std::move(path), std::move(probe)});
    if (!thread_.joinable()) {
      begin(job);
    }
    changed_.notify_one();
  }

  void stop() {
    std::unique_lock lock(mutex_);
    io_ = nullptr;
    changed_.notify_one();
    if (!thread_.joinable()) {
      return;
    }
    if (looking_) {
      thread_.detach();
      return;
    }
    lock.unlock();
    thread_.join();
  }

 private:
  struct Job {
    std::string path;
    std::weak_ptr<FileProbe*> probe;
  };

  void begin(const Job& job) {
    try {
      thread_ = std::thread([self = shared_from_this()] { self->run(); });
    } catch (const std::system_error& error) {
      tell(job, {false, std::string("no thread to look with: ") + error.code().message()});
      jobs_.clear();
    }
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return io_ == nullptr || !jobs_.empty(); });
      if (io_ == nullptr) {
        return;
      }
      const Job job = std::move(jobs_.front());
      jobs_.pop_front();
      looking_ = true;
      lock.unlock();
      Outcome outcome = look_(job.path);
      lock.lock();
      looking_ = false;
      tell(job, std::move(outcome));
    }
  }

  /// With the lock, so that the loop is still there.
  void tell(const Job& job, Outcome outcome) {
    if (io_ == nullptr) {
      return;
    }
    boost::asio::post(*io_, [probe = job.probe, outcome = std::move(outcome)] {
      if (const auto alive = probe.lock()) {
        (*alive)->finish(outcome);
      }
    });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  boost::asio::io_context* io_;  ///< none: stopped
  Look look_;
  std::deque<Job> jobs_;
  bool looking_ = false;
  std::thread thread_;
};

FileProbes::FileProbes(boost::asio::io_context& io, Look look)
    : worker_(std::make_shared<Worker>(io, std::move(look))) {}

FileProbes::~FileProbes() {
  worker_->stop();
}

std::unique_ptr<RunningProbe> FileProbes::start(const std::string& path, OnOutcome on_outcome) {
  auto probe = std::make_unique<FileProbe>(std::move(on_outcome));
  worker_->add(path, probe->token());
  return probe;
}

}  // namespace haguard::health
