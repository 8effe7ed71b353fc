// Which files a configuration names: HAProxy's configuration manual, sections named in each test.

#include "proxy-bridge/references.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace haguard::proxy {
namespace {

using Names = std::vector<std::string>;

References in(const std::string& text, const std::string& file = "/etc/haproxy/haproxy.cfg") {
  return references_of({{file, text}}, "/srv");
}

Names names(const References& references) {
  Names result;
  for (const Reference& reference : references.files) {
    result.push_back(reference.path);
  }
  std::ranges::sort(result);
  return result;
}

Names names_in(const std::string& text) {
  return names(in(text));
}

// 7.1 -f, in acl lines and in anonymous conditions
TEST(References, ListsOfPatterns) {
  EXPECT_EQ(names_in("frontend f\n"
                     " acl bad src -f /etc/bad.lst -f /etc/worse.lst\n"
                     " http-request deny if { hdr(host) -i -f /etc/hosts.lst }\n"
                     " use_backend b if bad !{ path_beg -M -f /etc/paths.lst }\n"
                     " tcp-request connection reject unless { src -f \"/etc/with blank\" }\n"),
            (Names{"/etc/bad.lst", "/etc/hosts.lst", "/etc/paths.lst", "/etc/with blank",
                   "/etc/worse.lst"}));
}

TEST(References, BehindTwoDashesStandValues) {
  EXPECT_EQ(names_in("frontend f\n acl a path -f /a -- -f /b\n"), Names{"/a"});
}

TEST(References, ArgumentsOfOtherProgramsAreNone) {
  EXPECT_EQ(names_in("program p\n command helper if -f /etc/helper.conf --crt map(/x)\n"
                     "backend b\n server s 10.0.0.1:80 -f /y\n"),
            Names{});
}

// 7.3.1 map, map_<match>_<output>
TEST(References, MapsInExpressions) {
  EXPECT_EQ(names_in("frontend f\n"
                     " use_backend %[req.hdr(host),lower,map_dom(/etc/hosts.map,none)]\n"
                     " http-request set-header x %[src,map_ip(/etc/ip.map)]-%[path,map(/p.map)]\n"
                     " http-request set-var(txn.a) path,map_reg(\"'/etc/a,b.map'\",1)\n"
                     " log-format \"%ci %[src,map_ip_int(/etc/int.map)]\"\n"),
            (Names{"/etc/a,b.map", "/etc/hosts.map", "/etc/int.map", "/etc/ip.map", "/p.map"}));
}

// 4.2 http-request set-map: changes a map that is loaded elsewhere
TEST(References, ActionsOnMapsReadNoFile) {
  EXPECT_EQ(names_in("frontend f\n http-request set-map(/etc/a.map) %[src] 1\n"
                     " http-request add-acl(/etc/a.lst) %[src]\n"),
            Names{});
}

// 2.7 of version 3.0: the name says what it is
TEST(References, PatternsInMemoryHaveNoFile) {
  const auto found =
      in("frontend f\n acl a src -f virt@a -f opt@/b\n"
         " acl c path,map(file@/c) -m found\n");
  EXPECT_EQ(found.files, (std::vector<Reference>{{ReferenceKind::File, "/b", true},
                                                 {ReferenceKind::File, "/c", false}}));
}

TEST(References, KeysOfTokens) {
  EXPECT_EQ(names_in("frontend f\n http-request deny unless { var(t.b),jwt_verify(t.a,/k.pem) }\n"
                     " http-request deny unless { var(t.b),jwt_verify(t.a,\"secret\") }\n"),
            Names{"/k.pem"});
}

// 5.1 crt, crt-list, ca-file …; 3.1 crt-base, ca-base
TEST(References, OfTlsWithTheirBases) {
  const auto found = in(
      "global\n crt-base /crt\n ca-base /ca\n"
      "frontend f\n bind :443 ssl crt a.pem crt /abs.pem crt-list list ca-file ca.pem\n"
      "backend b\n server s :1 ssl verify required ca-file @system-ca crt c.pem crl-file r.pem\n");
  EXPECT_EQ(found.certificate_directory, "/crt");
  EXPECT_EQ(found.files, (std::vector<Reference>{{ReferenceKind::Certificate, "/abs.pem"},
                                                 {ReferenceKind::Certificate, "/crt/a.pem"},
                                                 {ReferenceKind::Certificate, "/crt/c.pem"},
                                                 {ReferenceKind::Authorities, "/ca/ca.pem"},
                                                 {ReferenceKind::Authorities, "/ca/r.pem"},
                                                 {ReferenceKind::CertificateList, "/srv/list"}}));
}

// 3.11 of version 3.0: crt-store
TEST(References, OfACertificateStore) {
  EXPECT_EQ(names_in("global\n crt-base /g\n"
                     "crt-store web\n crt-base /s\n key-base /k\n"
                     " load crt a.pem key a.key ocsp /o.der alias x\n"
                     "frontend f\n bind :443 ssl crt @web/x crt b.pem\n"),
            (Names{"/g/b.pem", "/k/a.key", "/o.der", "/s/a.pem"}));
}

// 3.8 http-errors; 4.2 errorfile, http-error, http-request return; 3.1 lua-load; filter spoe
TEST(References, PagesScriptsAndOtherFiles) {
  EXPECT_EQ(names_in("global\n lua-load /a.lua arg -f\n lua-load-per-thread /b.lua\n"
                     " ssl-dh-param-file /dh.pem\n"
                     "http-errors site\n errorfile 400 /400.http\n"
                     "defaults\n errorfile 503 /503.http\n errorfiles site 404\n"
                     " http-error status 500 content-type text/html lf-file /500.html\n"
                     "frontend f\n http-request return status 200 file /ok.txt if { path file x }\n"
                     " http-request set-header file /none\n"
                     " filter spoe engine e config /spoe.conf\n"),
            (Names{"/400.http", "/500.html", "/503.http", "/a.lua", "/b.lua", "/dh.pem", "/ok.txt",
                   "/spoe.conf"}));
}

TEST(References, NamesWithVariablesArePassedOver) {
  EXPECT_EQ(names_in("frontend f\n acl a src -f \"${DIR}/a\"\n bind :1 ssl crt \"$CRT\"\n"
                     " acl b path,map(\"$MAP\") x\n"),
            Names{});
}

// 3.1 default-path
TEST(References, RelativeNames) {
  const std::string line = "frontend f\n acl a src -f a.lst\n";
  EXPECT_EQ(names_in(line), Names{"/srv/a.lst"});
  EXPECT_EQ(names_in("global\n default-path current\n" + line), Names{"/srv/a.lst"});
  EXPECT_EQ(names_in("global\n default-path config\n" + line), Names{"/etc/haproxy/a.lst"});
  EXPECT_EQ(names_in("global\n default-path parent\n" + line), Names{"/etc/haproxy/../a.lst"});
  EXPECT_EQ(names_in("global\n default-path origin /o\n" + line), Names{"/o/a.lst"});
}

TEST(References, DirectoriesEndWithoutASlash) {
  EXPECT_EQ(names_in("frontend f\n bind :1 ssl crt /crt/ crt ../x//\n"),
            (Names{"/crt", "/srv/../x"}));
}

TEST(References, TheDefaultPathHoldsForLaterFiles) {
  const auto found = references_of({{"/a/1.cfg", "global\n default-path config\n"},
                                    {"/b/2.cfg", "frontend f\n acl a src -f x\n"}},
                                   "/");
  EXPECT_EQ(names(found), Names{"/b/x"});
}

// 2.4 conditional blocks
TEST(References, InAConditionalBlockTheyMayBeAbsent) {
  const auto found = in(
      "frontend f\n.if defined(A)\n acl a src -f /a\n acl b src -f /b\n.endif\n acl b src -f /b\n");
  EXPECT_EQ(found.files, (std::vector<Reference>{{ReferenceKind::File, "/a", true},
                                                 {ReferenceKind::File, "/b", false}}));
}

// 5.1 crt-list: <crtfile> [\[<sslbindconf> ...\]] [[!]<snifilter> ...]
TEST(References, OfACertificateList) {
  const auto found = certificates_of(
      "# comment\n\n  a.pem [alpn h2] *.example.com !x\n/b.pem\nc.pem[verify none]\n@store/d\n",
      "/crt");
  EXPECT_EQ(names(found), (Names{"/b.pem", "/crt/a.pem", "/crt/c.pem"}));
}

TEST(References, AreBounded) {
  std::string text = "frontend f\n";
  for (int i = 0; i < 20'001; ++i) {
    text += " acl a src -f /" + std::to_string(i) + "\n";
  }
  const auto found = in(text);
  EXPECT_EQ(found.files.size(), 20'000U);
  EXPECT_FALSE(found.complete);
  EXPECT_EQ(names_in("frontend f\n acl a src -f /" + std::string(4096, 'x')), Names{});
}

}  // namespace
}  // namespace haguard::proxy
