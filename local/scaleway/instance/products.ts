import { type Route, ok, route } from "../server/call";
import { zoneOf } from "../server/validation";
import { type ServerType, monthlyPrice, serverTypesIn } from "./node-types";

const PER_PAGE = 50;

/** The price and capability list of server types, which the provider reads before it makes a pool. */
export function serverProductRoutes(): Route[] {
  return [
    route("GET", "/instance/v1/zones/{zone}/products/servers", "instance.ListServersTypes", (call) => {
      const types = serverTypesIn(zoneOf(call));
      const number = Math.max(1, Number(call.query.get("page") ?? 1) || 1);
      const size = Math.min(100, Number(call.query.get("per_page") ?? PER_PAGE) || PER_PAGE);
      const shown = types.slice((number - 1) * size, number * size);
      const servers = Object.fromEntries(shown.map((type) => [type.name, view(type)]));
      return ok({ servers }, { "X-Total-Count": String(types.length) });
    }),
  ];
}

function view(type: ServerType) {
  const largestLocal = type.localDisk ? 400_000_000_000 : 0;
  return {
    alt_names: [],
    arch: "x86_64",
    ncpus: type.cpus,
    ram: type.memoryBytes,
    gpu: type.gpus,
    gpu_info: type.gpus > 0 ? { gpu_manufacturer: "NVIDIA", gpu_name: type.name.split("-")[0], gpu_memory: 0 } : null,
    mig_profile: null,
    volumes_constraint: { min_size: 0, max_size: largestLocal },
    per_volume_constraint: { l_ssd: { min_size: type.localDisk ? 1_000_000_000 : 0, max_size: largestLocal } },
    scratch_storage_max_size: null,
    baremetal: false,
    hourly_price: type.hourlyPrice,
    monthly_price: monthlyPrice(type),
    capabilities: {
      boot_types: ["local", "rescue"],
      placement_groups: true,
      block_storage: true,
      private_network: 8,
      max_file_systems: type.maxFileSystems,
      hot_snapshots_local_volume: true,
    },
    network: {
      interfaces: [],
      sum_internal_bandwidth: 1_000_000_000,
      sum_internet_bandwidth: 1_000_000_000,
      ipv6_support: true,
    },
    block_bandwidth: 41_943_040,
    end_of_service: false,
  };
}
