// A client of the model "churn", for iOS 15, macOS 12 or later, and Linux. It needs nothing else.
//
//   let client = Client(url: URL(string: "http://127.0.0.1:8000")!, key: "…")
//   let answer = try await client.predict(example)

import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

// <types>
struct Input: Codable {
    var tenure: Int

    enum CodingKeys: String, CodingKey {
        case tenure = "tenure"
    }
}

struct Answer: Codable {
    let prediction: String
    let probabilities: [String: Double]?
    let warnings: [Warning]?
}

let example = Input(tenure: 12)
// </types>

struct Warning: Codable {
    let field: String
    let message: String
}

/// Which field, what was expected and what came.
struct FieldError: Codable {
    let row: Int?
    let field: String?
    let expected: String?
    let received: String?
}

/// The service refused. What `URLSession` throws by itself means that it could not be reached.
struct ServiceError: Error, Codable, LocalizedError {
    let title: String
    let status: Int
    let detail: String?
    let errors: [FieldError]?

    var errorDescription: String? { detail ?? title }
}

struct Client {
    let url: URL
    var key: String = ""
    var timeout: TimeInterval = 30

    // <rows>
    func predict(_ input: Input) async throws -> Answer {
        let body = try JSONEncoder().encode(input)
        return try JSONDecoder().decode(Answer.self, from: try await ask(body, kind: "application/json"))
    }

    func predictMany(_ inputs: [Input]) async throws -> [Answer] {
        let body = try JSONEncoder().encode(inputs)
        return try JSONDecoder().decode([Answer].self, from: try await ask(body, kind: "application/json"))
    }
    // </rows>
    // <image>
    /// `image` is the content of a JPEG or PNG file: `uiImage.jpegData(compressionQuality: 1)`.
    func predict(_ image: Data) async throws -> Answer {
        return try JSONDecoder().decode(Answer.self, from: try await ask(image, kind: "application/octet-stream"))
    }
    // </image>

    private func ask(_ body: Data, kind: String) async throws -> Data {
        var request = URLRequest(url: url.appendingPathComponent("predict"), timeoutInterval: timeout)
        request.httpMethod = "POST"
        request.httpBody = body
        request.setValue(kind, forHTTPHeaderField: "Content-Type")
        if !key.isEmpty {
            request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization")
        }
        let (content, answer) = try await URLSession.shared.data(for: request)
        let status = (answer as? HTTPURLResponse)?.statusCode ?? 0
        guard status == 200 else {
            let refusal = try? JSONDecoder().decode(ServiceError.self, from: content)
            throw refusal ?? ServiceError(title: "Status \(status)", status: status, detail: nil, errors: nil)
        }
        return content
    }
}
