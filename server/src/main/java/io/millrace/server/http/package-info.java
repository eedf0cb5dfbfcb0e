/** What is served over HTTP: health, and meters of the process. */
@NullMarked
package io.millrace.server.http;

import org.jspecify.annotations.NullMarked;
