#include "proxy-bridge/show.h"

#include <string>

#include <gtest/gtest.h>

namespace haguard::proxy {
namespace {

const std::string kInfo =
    "Name: HAProxy\nVersion: 2.6.12-1+deb12u4\nRelease_date: 2023/12/16\nPid: 6631\n"
    "Uptime: 0d 0h00m01s\nMaxconn: 200\nHard_maxconn: 200\nCurrConns: 7\nnode: proxy-1\n"
    "Stopping: 0\nJobs: 4\nUnstoppable Jobs: 1\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

// ---- show info

TEST(ParseInfo, TakesFieldsByName) {
  const auto info = parse_info(kInfo);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->version, "2.6.12-1+deb12u4");
  EXPECT_EQ(info->pid, 6631);
  EXPECT_FALSE(info->stopping);
  EXPECT_EQ(info->current_connections, 7U);
  EXPECT_EQ(info->max_connections, 200U);
}

TEST(ParseInfo, SeesThatTheWorkerIsStopping) {
  EXPECT_TRUE(parse_info(replaced(kInfo, "Stopping: 0", "Stopping: 1"))->stopping);
}

TEST(ParseInfo, AcceptsAnotherOrderAndUnknownFields) {
  const auto info = parse_info("Stopping: 0\nTotalWarnings: 3\nPid: 1\nVersion: 3.4.0\n\n");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->version, "3.4.0");
}

TEST(ParseInfo, ADescriptionCannotPoseAsAField) {
  EXPECT_EQ(parse_info("description: Pid: 5\n" + kInfo)->pid, 6631);
  EXPECT_EQ(parse_info(kInfo + "Pid: 5\n")->pid, 6631);
}

TEST(ParseInfo, RefusesWhatIsNotAnInfoReply) {
  EXPECT_FALSE(parse_info(""));
  EXPECT_FALSE(parse_info("Permission denied\n"));
  EXPECT_FALSE(parse_info("Unknown command: 'show', but maybe one of the following ones is a…"));
}

TEST(ParseInfo, RefusesAMissingOrImpossibleField) {
  EXPECT_FALSE(parse_info(replaced(kInfo, "Pid: 6631", "")));
  EXPECT_FALSE(parse_info(replaced(kInfo, "Pid: 6631", "Pid: 0")));
  EXPECT_FALSE(parse_info(replaced(kInfo, "Pid: 6631", "Pid: -1")));
  EXPECT_FALSE(parse_info(replaced(kInfo, "Pid: 6631", "Pid: 99999999999")));
  EXPECT_FALSE(parse_info(replaced(kInfo, "Stopping: 0", "Stopping: no")));
  EXPECT_FALSE(parse_info(replaced(kInfo, "2.6.12", "2.\x1b[31m")));
}

TEST(ParseInfo, RefusesAFlood) {
  EXPECT_FALSE(parse_info(kInfo + std::string(70'000, 'x')));
}

// ---- show stat

TEST(ParseStat, TakesColumnsByName) {
  const auto rows = parse_stat(
      "# pxname,svname,scur,status,weight,act,bck,type,check_desc,-,h2_open_connections,\n"
      "fe,FRONTEND,12,OPEN,,,,0,,-,0,\n"
      "be,BACKEND,3,UP,1,2,1,1,,-,0,\n\n");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ(rows->at(0).name, "fe");
  EXPECT_TRUE(rows->at(0).frontend);
  EXPECT_EQ(rows->at(0).status, "OPEN");
  EXPECT_EQ(rows->at(1).name, "be");
  EXPECT_FALSE(rows->at(1).frontend);
  EXPECT_EQ(rows->at(1).status, "UP");
  EXPECT_EQ(rows->at(1).usable_servers, 3U);
  EXPECT_EQ(rows->at(0).current_sessions, 12U);
  EXPECT_EQ(rows->at(1).current_sessions, 3U);
}

TEST(ParseStat, AcceptsAnotherOrderOfColumns) {
  const auto rows = parse_stat("# type,bck,act,status,pxname\n1,0,0,DOWN,be\n");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->at(0).name, "be");
  EXPECT_EQ(rows->at(0).status, "DOWN");
}

TEST(ParseStat, PassesOverServersAndListeners) {
  const auto rows = parse_stat(
      "# pxname,svname,status,act,bck,type\n"
      "be,s1,DOWN 1/2,1,0,2\nfe,sock-1,OPEN,,,3\n");
  ASSERT_TRUE(rows);
  EXPECT_TRUE(rows->empty());
}

TEST(ParseStat, KnowsQuotedFields) {
  const auto rows = parse_stat(
      "# pxname,last_chk,status,act,bck,type\n"
      "be,\"said \"\"no, never\"\", twice\",UP,1,0,1\n");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->at(0).status, "UP");
  EXPECT_EQ(rows->at(0).usable_servers, 1U);
}

TEST(ParseStat, TakesTheQuotesOff) {
  const auto rows = parse_stat(
      "# pxname,svname,status,act,bck,type\n"
      "\"be,1\",BACKEND,\"\"\"UP\"\", 1\",1,0,1\n");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->at(0).name, "be,1");
  EXPECT_EQ(rows->at(0).status, "\"UP\", 1");
}

TEST(ParseStat, AHeaderAloneIsAnEmptyList) {
  const auto rows = parse_stat("# pxname,status,act,bck,type\n");
  ASSERT_TRUE(rows);
  EXPECT_TRUE(rows->empty());
}

TEST(ParseStat, RefusesWhatIsNotAStatReply) {
  EXPECT_FALSE(parse_stat(""));
  EXPECT_FALSE(parse_stat("No such proxy.\n"));
  EXPECT_FALSE(parse_stat("pxname,status,act,bck,type\n"));
  EXPECT_FALSE(parse_stat("# pxname,status,act,bck\nfe,OPEN,,\n"));
}

TEST(ParseStat, RefusesADamagedRow) {
  const std::string header = "# pxname,status,act,bck,type\n";
  EXPECT_FALSE(parse_stat(header + "fe,OP"));
  EXPECT_FALSE(parse_stat(header + "be,UP,many,0,1\n"));
  EXPECT_FALSE(parse_stat(header + "be,UP,-1,0,1\n"));
  EXPECT_FALSE(parse_stat(header + "be,UP,4294967295,1,1\n"));
  EXPECT_FALSE(parse_stat(header + ",OPEN,,,0\n"));
  EXPECT_FALSE(parse_stat(header + "f\x01,OPEN,,,0\n"));
}

// ---- show proc

const std::string kProcHeader =
    "#<PID>          <type>          <reloads>       <uptime>        <version>      \n";

TEST(ParseProc, ReadsAllSections) {
  const auto list = parse_proc(
      kProcHeader +
      "19901           master          3 [failed: 1]   0d00h00m31s     2.6.12-1+deb12u4\n"
      "# workers\n"
      "20482           worker          0               0d00h00m00s     2.6.12-1+deb12u4\n"
      "# old workers\n"
      "24064           worker          1               0d00h00m04s     2.6.12-1+deb12u4\n"
      "24000           worker          2               0d00h00m09s     2.6.12-1+deb12u4\n"
      "# programs\n"
      "24065           sidecar         0               0d00h00m04s     -\n\n");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->master.pid, 19901);
  EXPECT_EQ(list->master.reloads, 3U);
  EXPECT_EQ(list->failed_reloads, 1U);
  ASSERT_EQ(list->workers.size(), 1U);
  EXPECT_EQ(list->workers[0].pid, 20482);
  ASSERT_EQ(list->old_workers.size(), 2U);
  EXPECT_EQ(list->old_workers[1].pid, 24000);
  EXPECT_EQ(list->old_workers[1].reloads, 2U);
}

// From 3.1 on the worker that serves stands under the old ones after a failed reload.
TEST(ParseProc, AnEmptyListOfWorkersIsAList) {
  const auto list = parse_proc(kProcHeader +
                               "10  master  1 [failed: 1]  0d00h00m31s  3.4.0\n"
                               "# workers\n# old workers\n11  worker  1  0d00h00m04s  3.4.0\n\n");
  ASSERT_TRUE(list);
  EXPECT_TRUE(list->workers.empty());
  ASSERT_EQ(list->old_workers.size(), 1U);
  EXPECT_EQ(list->old_workers[0].pid, 11);
}

TEST(ParseProc, FindsColumnsByTheirTitles) {
  const auto list = parse_proc(
      "#<PID> <type> <relative PID> <reloads> <uptime> <version>\n"
      "10 master 0 5 0d00h00m31s 2.4.0\n# workers\n11 worker 1 0 0d00h00m31s 2.4.0\n");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->master.reloads, 5U);
  EXPECT_EQ(list->failed_reloads, 0U);
  EXPECT_EQ(list->workers.at(0).reloads, 0U);
}

TEST(ParseProc, PassesOverUnknownSections) {
  const auto list = parse_proc(kProcHeader +
                               "10 master 0 [failed: 0] 0d00h00m31s 9.9\n"
                               "# helpers\n12 worker 0 0d00h00m31s 9.9\n");
  ASSERT_TRUE(list);
  EXPECT_TRUE(list->workers.empty());
  EXPECT_TRUE(list->old_workers.empty());
}

TEST(ParseProc, RefusesWhatIsNoList) {
  EXPECT_FALSE(parse_proc(""));
  EXPECT_FALSE(parse_proc("Unknown command\n"));
  EXPECT_FALSE(parse_proc(kProcHeader));
  EXPECT_FALSE(parse_proc(kProcHeader + "# workers\n11 worker 0 0d00h00m00s 2.6\n"));
  EXPECT_FALSE(parse_proc(kProcHeader + "-1 master 0 [failed: 0] 0d00h00m00s 2.6\n"));
  EXPECT_FALSE(parse_proc(kProcHeader + "10 master 0 [failed: 0] 0d 2.6\n# workers\nx worker 0\n"));
  EXPECT_FALSE(parse_proc(kProcHeader + "10 master"));
}

}  // namespace
}  // namespace haguard::proxy
