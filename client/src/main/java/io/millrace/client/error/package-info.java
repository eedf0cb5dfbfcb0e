/** The failures that the client reports. */
@NullMarked
package io.millrace.client.error;

import org.jspecify.annotations.NullMarked;
