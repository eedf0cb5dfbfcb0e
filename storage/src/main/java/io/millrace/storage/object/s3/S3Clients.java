package io.millrace.storage.object.s3;

import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;
import software.amazon.awssdk.services.s3.auth.scheme.S3AuthSchemeProvider;

/** Creates the SDK client for {@link S3ObjectStore}. */
final class S3Clients {

    private S3Clients() {}

    static S3AsyncClient client(S3Settings settings, AwsCredentialsProvider credentials) {
        S3AsyncClientBuilder builder =
                S3AsyncClient.builder()
                        .credentialsProvider(credentials)
                        .forcePathStyle(settings.pathStyle())
                        .httpClientBuilder(
                                NettyNioAsyncHttpClient.builder()
                                        .maxConcurrency(settings.connections())
                                        .maxPendingConnectionAcquires(10_000)
                                        .connectionTimeout(settings.connectTimeout())
                                        .connectionAcquisitionTimeout(settings.requestTimeout())
                                        .readTimeout(settings.idleTimeout())
                                        .writeTimeout(settings.idleTimeout()))
                        // Checksums are explicit headers, and retries belong to a decorator.
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                        .overrideConfiguration(override ->
                                override.retryStrategy(AwsRetryStrategy.doNotRetry())
                                        .apiCallTimeout(settings.requestTimeout()))
                        .authSchemeProvider(unsignedPayload());
        settings.endpoint()
                .ifPresent(endpoint -> builder.endpointOverride(endpoint).region(ownRegion()));
        settings.region().ifPresent(region -> builder.region(Region.of(region)));
        return builder.build();
    }

    /**
     * Avoids a query to EC2 metadata, which takes seconds. Servers other than AWS rarely check the
     * region.
     */
    private static Region ownRegion() {
        try {
            return new AwsRegionProviderChain(
                            new SystemSettingsRegionProvider(), new AwsProfileRegionProvider())
                    .getRegion();
        } catch (RuntimeException noneNamedOne) {
            return Region.US_EAST_1;
        }
    }

    /**
     * Disables payload signing. Without TLS the SDK would hash every body, although the CRC32C
     * already protects it.
     */
    private static S3AuthSchemeProvider unsignedPayload() {
        S3AuthSchemeProvider provider = S3AuthSchemeProvider.defaultProvider();
        return params ->
                provider.resolveAuthScheme(params).stream()
                        .map(option ->
                                option.toBuilder()
                                        .putSignerProperty(
                                                AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, false)
                                        .putSignerProperty(
                                                AwsV4HttpSigner.CHUNK_ENCODING_ENABLED, false)
                                        .build())
                        .toList();
    }
}
