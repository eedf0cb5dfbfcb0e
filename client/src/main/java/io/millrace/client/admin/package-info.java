/** Administration of topics, consumer groups and the bucket through the Java client. */
@NullMarked
package io.millrace.client.admin;

import org.jspecify.annotations.NullMarked;
