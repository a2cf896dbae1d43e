# SPDX-License-Identifier: LGPL-2.1-or-later
{
  lib,
  stdenv,
  cli11,
  cmake,
  libvirt,
  meson,
  ninja,
  nlohmann_json,
  pkg-config,
  pugixml,
  re2,
  scdoc,
  systemd,
  tl-expected,
  tomlplusplus,
  util-linux,
}:

stdenv.mkDerivation {
  pname = "usb-hotplug";
  version = "0.1.0";
  src = lib.cleanSource ../..;

  nativeBuildInputs = [
    cmake
    meson
    ninja
    pkg-config
    scdoc
  ];
  # cmake is for meson to find headers with.
  dontUseCmakeConfigure = true;
  buildInputs = [
    cli11
    libvirt
    nlohmann_json
    pugixml
    re2
    systemd
    tl-expected
    tomlplusplus
    util-linux
  ];

  # Units look for programs in no other place, and /etc is not the package's.
  postPatch = ''
    substituteInPlace meson.build --replace-fail "install_emptydir('/etc/usb-hotplug')" ""
    substituteInPlace units/*.in \
      --replace-quiet ' udevadm ' ' ${systemd}/bin/udevadm ' \
      --replace-quiet '=udevadm ' '=${systemd}/bin/udevadm ' \
      --replace-quiet '=/bin/kill ' '=${util-linux}/bin/kill '
  '';

  mesonFlags = [
    "-Dtests=false"
    "-Dsystemdsystemunitdir=${placeholder "out"}/lib/systemd/system"
    "-Dudevdir=${placeholder "out"}/lib/udev"
    "-Dcatalogdir=${placeholder "out"}/lib/systemd/catalog"
  ];

  meta = {
    description = "Hands USB devices to virtual machines when they are plugged in";
    license = lib.licenses.lgpl21Plus;
    platforms = lib.platforms.linux;
    mainProgram = "usb-hotplugctl";
  };
}
