// A client of the model "churn", for Android and any JVM. On Android it needs nothing else; elsewhere add org.json, which Android has.
// Call it away from the main thread: withContext(Dispatchers.IO) { client.predict(example) }

import java.net.HttpURLConnection
import java.net.URL
import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject

// <types>
data class Input(
    val tenure: Long,
) {
    fun toJson(): JSONObject {
        val json = JSONObject()
        json.put("tenure", tenure)
        return json
    }
}

data class Answer(val prediction: String?, val probabilities: Map<String, Double>, val warnings: List<String>) {
    companion object {
        fun of(json: JSONObject): Answer {
            val prediction = if (json.isNull("prediction")) null else json.getString("prediction")
            return Answer(prediction, numbers(json.optJSONObject("probabilities")), messages(json.optJSONArray("warnings")))
        }
    }
}

val example = Input(tenure = 12L)
// </types>

private fun numbers(json: JSONObject?): Map<String, Double> {
    val found = LinkedHashMap<String, Double>()
    json?.keys()?.forEach { name -> found[name] = json.optDouble(name) }
    return found
}

private fun messages(json: JSONArray?): List<String> {
    val count = json?.length() ?: 0
    return (0 until count).map { json!!.getJSONObject(it).getString("field") + ": " + json.getJSONObject(it).getString("message") }
}

/** The service refused: `errors` are {row, field, expected, received}. What `HttpURLConnection` throws by itself means that it could not be reached. */
class ServiceError(message: String, val status: Int, val errors: JSONArray) : Exception(message)

class Client(private val url: String, private val key: String = "", private val timeoutMillis: Int = 30000) {
    // <rows>
    fun predict(input: Input): Answer = Answer.of(JSONObject(ask(input.toJson().toString().toByteArray(), "application/json")))

    fun predictMany(inputs: List<Input>): List<Answer> {
        val body = JSONArray(inputs.map { it.toJson() }).toString().toByteArray()
        val answers = JSONArray(ask(body, "application/json"))
        return (0 until answers.length()).map { Answer.of(answers.getJSONObject(it)) }
    }
    // </rows>
    // <image>
    /** `image` is the content of a JPEG or PNG file. */
    fun predict(image: ByteArray): Answer = Answer.of(JSONObject(ask(image, "application/octet-stream")))
    // </image>

    private fun ask(body: ByteArray, kind: String): String {
        val connection = URL(url.trimEnd('/') + "/predict").openConnection() as HttpURLConnection
        try {
            connection.requestMethod = "POST"
            connection.connectTimeout = timeoutMillis
            connection.readTimeout = timeoutMillis
            connection.doOutput = true
            connection.setRequestProperty("Content-Type", kind)
            if (key.isNotEmpty()) connection.setRequestProperty("Authorization", "Bearer " + key)
            connection.outputStream.use { it.write(body) }
            if (connection.responseCode == 200) return connection.inputStream.bufferedReader().use { it.readText() }
            throw refusal(connection)
        } finally {
            connection.disconnect()
        }
    }

    private fun refusal(connection: HttpURLConnection): ServiceError {
        val status = connection.responseCode
        val text = connection.errorStream?.bufferedReader()?.use { it.readText() } ?: ""
        return try {
            val problem = JSONObject(text)
            ServiceError(problem.optString("detail", problem.optString("title")), status, problem.optJSONArray("errors") ?: JSONArray())
        } catch (error: JSONException) {
            ServiceError("Status " + status, status, JSONArray())
        }
    }
}
