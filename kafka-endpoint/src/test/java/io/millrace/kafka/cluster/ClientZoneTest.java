package io.millrace.kafka.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientZoneTest {

    private static InetAddress address(String text) throws UnknownHostException {
        return InetAddress.getByName(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "zone=eu-1a | eu-1a",
                "app,zone=b | b",
                "app;diskless_az=b;x=1 | b",
                "ws_az=c_1 | c_1",
                "app warpstream_az=d | d",
                "automq_az=e&y | e",
                "app,zone=eu-1a-StreamThread-1-consumer | eu-1a",
                "app,zone=eu-1a-GlobalStreamThread-global-consumer | eu-1a",
                "zone=eu-1a,app-StreamThread-1-producer | eu-1a",
                "app,zone=eu-1a-StateUpdater-1-restore-consumer | eu-1a",
                "app,zone=eu-1a-global-consumer | eu-1a",
                "app,zone=eu-1a-admin | eu-1a",
                "zone=eu-1a,app-admin | eu-1a",
                "zone=eu-admin-1 | eu-admin-1",
                "timezone=x | ''",
                "zone= | ''",
                "app | ''"
            })
    void readsTheZoneOfTheClientId(String clientId, String zone) throws UnknownHostException {
        assertThat(new ClientZone(List.of()).zoneOf(clientId, address("10.0.0.1")).orElse(""))
                .isEqualTo(zone);
    }

    @Test
    void findsTheZoneOfAnAddress() throws UnknownHostException {
        ClientZone zones =
                new ClientZone(
                        List.of(
                                new ClientZone.AddressRange(address("10.1.32.0"), 20, "a"),
                                new ClientZone.AddressRange(address("10.1.0.0"), 16, "b"),
                                new ClientZone.AddressRange(address("fd00:1::"), 32, "c")));
        assertThat(zones.zoneOf("", address("10.1.47.255"))).contains("a");
        assertThat(zones.zoneOf("", address("10.1.48.0"))).contains("b");
        assertThat(zones.zoneOf("", address("10.2.0.1"))).isEmpty();
        assertThat(zones.zoneOf("", address("fd00:1:2::3"))).contains("c");
        assertThat(zones.zoneOf("zone=z", address("10.1.47.255"))).contains("z");
    }
}
