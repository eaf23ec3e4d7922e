package dev.toolpost.cli;

import dev.toolpost.sandbox.SimulatedVendor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** Which simulated vendors {@code dev} starts, and where each listens. */
final class DevVendors {
    private static final List<String> USUAL = List.of("hubspot", "salesforce", "jira");

    @Option(
            names = "--vendors",
            paramLabel = "VENDOR[,VENDOR...]|all",
            split = ",",
            description =
                    "The vendors to simulate, each with a connection demo-VENDOR. Default: hubspot,salesforce,jira.")
    private List<String> chosen = new ArrayList<>();

    @Option(
            names = "--vendor-port",
            paramLabel = "PORT",
            defaultValue = "8082",
            description = "Port of the simulated HubSpot. Default: 8082.")
    private int hubspotPort = 8082;

    @Option(
            names = "--salesforce-port",
            paramLabel = "PORT",
            defaultValue = "8084",
            description = "Port of the simulated Salesforce. Default: 8084.")
    private int salesforcePort = 8084;

    @Option(
            names = "--jira-port",
            paramLabel = "PORT",
            defaultValue = "8085",
            description = "Port of the simulated Jira. Default: 8085.")
    private int jiraPort = 8085;

    @Option(
            names = "--more-vendors-port",
            paramLabel = "PORT",
            defaultValue = "8086",
            description =
                    "Port of the first of the other simulated vendors; each of them has its own port from there on. 0 takes"
                            + " any free ones. Default: 8086.")
    private int morePort = 8086;

    /** Their names, in the order in which they are known, so that a vendor's port does not depend on the others. */
    List<String> names() {
        List<String> known = SimulatedVendor.vendors();
        if (chosen.isEmpty()) {
            return USUAL;
        }
        Set<String> wanted = new LinkedHashSet<>();
        for (String each : chosen) {
            String name = each.strip();
            if (name.equals("all")) {
                wanted.addAll(known);
            } else if (known.contains(name)) {
                wanted.add(name);
            } else {
                throw CliException.usage(
                        "--vendors " + name + " (expected: vendors that can be simulated, or all)",
                        "There are: " + String.join(", ", known));
            }
        }
        return known.stream().filter(wanted::contains).toList();
    }

    /** @throws CliException where a port is taken */
    void requireFreePorts(String host) {
        for (String name : names()) {
            Ports.requireFree("simulated vendor " + name, option(name), host, port(name));
        }
    }

    List<SimulatedVendor.Builder> builders() {
        return names().stream()
                .map(name -> SimulatedVendor.builder().profile(name).port(port(name)))
                .toList();
    }

    /** The name of its connection. */
    static String connection(String vendor) {
        return "demo-" + vendor;
    }

    private int port(String name) {
        return switch (name) {
            case "hubspot" -> hubspotPort;
            case "salesforce" -> salesforcePort;
            case "jira" -> jiraPort;
            default -> morePort == 0 ? 0 : morePort + others().indexOf(name);
        };
    }

    private static List<String> others() {
        return SimulatedVendor.vendors().stream()
                .filter(each -> !USUAL.contains(each))
                .toList();
    }

    private static String option(String name) {
        return switch (name) {
            case "hubspot" -> "--vendor-port";
            case "salesforce", "jira" -> "--" + name + "-port";
            default -> "--more-vendors-port";
        };
    }
}
