# SPDX-License-Identifier: LGPL-2.1-or-later
# A module for NixOS:
#
#   imports = [ ./usb-hotplug/contrib/nixos/module.nix ];
#   services.usb-hotplug = {
#     enable = true;
#     guests.win10.usb = [ { description = "Mouse"; interface = { class = 3; protocol = 2; }; } ];
#   };
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.usb-hotplug;
  toml = pkgs.formats.toml { };
in
{
  options.services.usb-hotplug = {
    enable = lib.mkEnableOption "handing USB devices to virtual machines when they are plugged in";

    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ./package.nix { };
      defaultText = lib.literalExpression "pkgs.callPackage ./package.nix { }";
      description = "The package to use.";
    };

    guests = lib.mkOption {
      type = lib.types.attrsOf toml.type;
      default = { };
      example = lib.literalExpression ''
        {
          win10 = {
            guest.priority = 1;
            usb = [ { id = "046d:*"; } ];
          };
        }
      '';
      description = ''
        What each guest gets, in the form of usb-hotplug.toml(5). Every guest that is named here is
        enabled.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
    environment.etc = lib.mapAttrs' (
      name: settings:
      lib.nameValuePair "usb-hotplug/${name}.toml" { source = toml.generate "${name}.toml" settings; }
    ) cfg.guests;

    services.udev.packages = [ cfg.package ];
    systemd.packages = [ cfg.package ];
    systemd.targets =
      lib.mapAttrs' (
        name: _:
        lib.nameValuePair "usb-hotplug@${name}" {
          overrideStrategy = "asDropin";
          wantedBy = [ "multi-user.target" ];
        }
      ) cfg.guests
      # systemd.packages carries units, and not the links between them.
      // {
        sleep.wants = [ "usb-hotplug-sleep.service" ];
      };
  };
}
